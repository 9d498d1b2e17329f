// The code travels in the fragment, which no server or proxy ever sees; it goes into the form and out of the address.
const field = document.querySelector("[data-from-fragment]");
const secret = location.hash.slice(1);
if (field && secret) {
  field.value = secret;
  history.replaceState(null, "", location.pathname + location.search);
}
