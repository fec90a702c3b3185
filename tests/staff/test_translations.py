"""All that staff read is there in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from staff import translations

HEAD = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""
DAYS = 'msgid "%(n)s day"\nmsgid_plural "%(n)s days"\n'


def test_nothing_is_missing_in_spanish() -> None:
    assert [str(lack) for lack in translations.lacks()] == []


def test_no_template_has_words_of_one_language_only() -> None:
    assert [str(words) for words in translations.bare()] == []


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have an app of two files looked at instead."""
    monkeypatch.setattr(translations, "STAFF", tmp_path / "staff")
    folder = tmp_path / "staff" / "app"
    for part in ("templates/app", "locale/es/LC_MESSAGES"):
        (folder / part).mkdir(parents=True)
    return folder


@pytest.mark.parametrize(
    ("catalogue", "expected"),
    [
        # translated
        (DAYS + 'msgstr[0] "un día"\nmsgstr[1] "%(n)s días"\n', ""),
        # not there
        ("", "missing"),
        # there, with nothing
        (DAYS + 'msgstr[0] "un día"\nmsgstr[1] ""\n', "empty"),
        # a guess
        (
            "#, fuzzy\n" + DAYS + 'msgstr[0] "a"\nmsgstr[1] "%(n)s b"\n',
            "fuzzy",
        ),
        # without its plural
        ('msgid "%(n)s day"\nmsgstr "%(n)s día"\n', "other plural"),
        # of something else
        (
            DAYS + 'msgstr[0] "a"\nmsgstr[1] "%(m)s b"\n',
            "other placeholders",
        ),
        # in another context
        (
            'msgctxt "x"\n' + DAYS + 'msgstr[0] "a"\nmsgstr[1] "%(n)s b"\n',
            "missing",
        ),
    ],
)
def test_what_a_catalogue_may_lack(app: Path, catalogue: str, expected: str) -> None:
    (app / "views.py").write_text('\n_ = ngettext("%(n)s day", "%(n)s days", 2)\n')
    (app / "locale/es/LC_MESSAGES/django.po").write_text(f"{HEAD}\n{catalogue}")
    found = [str(lack) for lack in translations.lacks()]
    assert found == ([f"staff/app/views.py:2: {expected}: '%(n)s day'"] if expected else [])


MODULE = """
_("one" " and a half")
models.gettext_lazy("two")
pgettext("c", "three")
f"{_('four')}"
ngettext("five", "fives", n)
print("not this"), _(nor_this)
"""
PAGE = """<p>
      {% translate 'five' %} {% translate "six" as x %}
   {{ x|default:_('seven') }}
 {% blocktranslate count n=n trimmed %}
   eight {{ n }}
 {% plural %}
   nine {{ n }}
 {% endblocktranslate %}
   it's "odd" (
 {% translate 'ten' context 'c' %} {# {% translate 'not this' %} #}
"""


def test_where_words_are_looked_for(app: Path) -> None:
    (app / "views.py").write_text(MODULE)
    (app / "templates/app/page.html").write_text(PAGE)
    found = [(words.line, words.context, *words.forms) for words in translations.used()]
    assert found == [
        (2, None, "five"),
        (2, None, "six"),
        (3, None, "seven"),
        (4, None, "eight %(n)s", "nine %(n)s"),
        (10, "c", "ten"),
        (2, None, "one and a half"),
        (3, None, "two"),
        (4, "c", "three"),
        (5, None, "four"),
        (6, None, "five", "fives"),
    ]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        # text between tags
        ("<p>\nSome words {{ x }}</p>", ["Some words"]),
        # what a screen reader reads
        ('<a href="/x" aria-label="Some words">{{ x }}</a>', ["Some words"]),
        ('<input placeholder="Some words" class="not-this">', ["Some words"]),
        # behind a condition
        ("{% if x %}Some words{% endif %}", ["Some words"]),
        # translated, names, or no words
        ("<title>{{ x }} · Conoce</title><b>SMS</b>{% if x %}WhatsApp{% endif %}", []),
        ('{% translate "Some words" %}{% blocktranslate %}More <b>words</b>{% endblocktranslate %}', []),
        ('<td class="a">{{ x }} · {{ y }} &times; 12 %</td><!-- a remark -->{# another #}', []),
        ("<style>x</style><script>y</script>{% comment %}a remark{% endcomment %}", []),
    ],
)
def test_words_of_one_language_only(app: Path, template: str, expected: list[str]) -> None:
    (app / "templates/app/page.html").write_text(template)
    assert [words.forms[0] for words in translations.bare()] == expected


def test_a_catalogue_is_compiled_beside_itself(app: Path) -> None:
    (app / "locale/es/LC_MESSAGES/django.po").write_text(f'{HEAD}\nmsgid "a"\nmsgstr "á"\n')
    (path,) = translations.compile_all()
    from gettext import GNUTranslations

    with path.open("rb") as file:
        assert GNUTranslations(file).gettext("a") == "á"
    assert [p.name for p in sorted(path.parent.iterdir())] == ["django.mo", "django.po"]
