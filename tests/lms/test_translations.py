"""What `script/translations --check` refuses."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "script" / "translations"
LOST = 'msgid "Lost"\nmsgstr "已挂失"\n'


@pytest.fixture
def script(monkeypatch, tmp_path):
    """The script over part files of its own, whose texts are all that the product says."""
    loader = SourceFileLoader("translations", str(SCRIPT))
    module = module_from_spec(spec_from_loader("translations", loader))
    loader.exec_module(module)
    (tmp_path / "parts").mkdir()
    monkeypatch.setattr(module, "LOCALE", tmp_path)
    monkeypatch.setattr(module, "TARGET", tmp_path / "LC_MESSAGES" / "django.po")
    template = tmp_path / "django.pot"
    template.write_text(
        module.HEADER + 'msgid "Lost"\nmsgstr ""\n\nmsgctxt "trail"\nmsgid "Lost"\nmsgstr ""\n'
    )
    monkeypatch.setattr(module, "extract", lambda directory: template)
    return module


@pytest.fixture
def run(script, monkeypatch, tmp_path, capsys):
    """The code and the words of a run over these parts."""

    def outcome(*options, **parts):
        for name, text in parts.items():
            (tmp_path / "parts" / f"{name}.po").write_text(text)
        monkeypatch.setattr("sys.argv", ["translations", *options])
        return script.main(), capsys.readouterr().out

    return outcome


def test_two_parts_that_say_the_same_pass(run):
    trail = 'msgctxt "trail"\nmsgid "Lost"\nmsgstr "丢失"\n'

    assert run(accounts=LOST, courses=f"{LOST}\n{trail}")[0] == 0
    code, said = run("--check")
    assert (code, "two Chinese" in said) == (0, False)


def test_two_different_chinese_texts_for_one_are_refused(run):
    trail = 'msgctxt "trail"\nmsgid "Lost"\nmsgstr "丢失"\n'
    run(accounts=f"{LOST}\n{trail}")

    code, said = run("--check", courses='msgid "Lost"\nmsgstr "已遗失"\n')

    assert code == 1
    assert 'two Chinese texts for "Lost": 已挂失 in accounts.po, 已遗失 in courses.po' in said

    code, said = run("--check", courses=trail.replace("丢失", "已遗失"))

    assert code == 1
    assert 'for "Lost" (trail): 丢失 in accounts.po, 已遗失 in courses.po' in said


def test_a_part_that_has_a_text_twice_is_refused(run):
    with pytest.raises(SystemExit, match="duplicate message definition"):
        run("--check", accounts=f"{LOST}\n{LOST}")
