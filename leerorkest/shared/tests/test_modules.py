from django.template import Context, Template

from leerorkest.shared.templatetags.modules import imports_of


def test_what_a_script_imports_is_named_ahead_once():
    assert imports_of("shared/scanner.js") == ()
    assert set(imports_of("depot/desk.js")) == {
        *("shared/outbox.js", "shared/scanner.js", "depot/outbox.js", "depot/parts.js")
    }
    page = Template('{% module "depot/report.js" %}').render(Context({"csp_nonce": "n1"}))
    assert page.count("<link") == 2
    assert page.count("outbox.js") == 2  # of the depot, and what it imports
    assert page.count('nonce="n1"') == 3
    assert page.index("<link") < page.index("<script")
