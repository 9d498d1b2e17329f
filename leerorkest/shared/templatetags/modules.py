"""`{% module "lessons/register.js" %}`: a script, and at once what it imports.

A browser learns what a module imports when it has read it: on a slow line each level of imports waits for a round trip
of its own. Named ahead, they all come together.
"""

import posixpath
import re
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
IMPORT = re.compile(r'^(?:import|export)\s(?:[^"\n]*\sfrom\s)?"(\.[^"]+)"', re.MULTILINE)


@cache
def imports_of(path: str) -> tuple[str, ...]:
    """Every module that this one imports, directly or through another, each once."""
    found = finders.find(path)
    assert isinstance(found, str), f"no such script: {path}"
    direct = [
        posixpath.normpath(f"{posixpath.dirname(path)}/{name}") for name in IMPORT.findall(Path(found).read_text())
    ]
    return tuple(dict.fromkeys([*direct, *(deeper for name in direct for deeper in imports_of(name))]))


@register.simple_tag(takes_context=True)
def module(context: dict[str, Any], path: str) -> SafeString:
    nonce = context["csp_nonce"]
    ahead = ((static(name), nonce) for name in imports_of(path))
    links = format_html_join("", '<link rel="modulepreload" href="{}" nonce="{}">', ahead)
    return links + format_html('<script type="module" src="{}" nonce="{}"></script>', static(path), nonce)
