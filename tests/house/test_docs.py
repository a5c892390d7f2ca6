"""What can be used is written about: pages, commands, variables, settings, decisions; and links lead somewhere."""

import re
from pathlib import Path

import pytest

import lib.ops.tables  # noqa: F401  # loads the rooms
from lib.cli.__main__ import COMMANDS
from lib.kit.config import Config
from lib.kit.settings import all_groups
from tests.house.code import ROOT, pages, product

DOCS = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
}
TEXT = "\n".join(DOCS.values())
LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def settings_groups() -> set[str]:
    """As declared in the rooms' settings.py, whether they were imported or not."""
    found = {match for source in product() for match in re.findall(r'group: ClassVar\[str\] = "(\w+)"', source.text)}
    return found | {kind.group for kind in all_groups() if not kind.__module__.startswith("tests.")}


@pytest.mark.parametrize("place", [source.place for source in pages() if not source.place.endswith("__init__.py")])
def test_every_page_is_described(place: str) -> None:
    assert f"`{place}`" in DOCS["docs/pages.md"]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_described(command: str) -> None:
    assert re.search(rf"^\| .*`{command}[ `]", DOCS["docs/operations.md"], re.MULTILINE)


@pytest.mark.parametrize("name", sorted([*Config.model_fields, "config"]))
def test_every_variable_is_described(name: str) -> None:
    assert f"| `TOME_{name.upper()}` |" in DOCS["docs/operations.md"]


def test_no_variable_is_described_that_does_not_exist() -> None:
    known = {f"TOME_{name.upper()}" for name in Config.model_fields} | {"TOME_CONFIG"}
    assert set(re.findall(r"\bTOME_[A-Z_]+\b", TEXT)) - known == set()


@pytest.mark.parametrize("group", sorted(settings_groups()))
def test_every_group_of_settings_is_named(group: str) -> None:
    assert f"`{group}`" in DOCS["docs/operations.md"]


@pytest.mark.parametrize("decision", sorted(path.name for path in ROOT.glob("docs/decisions/[0-9]*.md")))
def test_every_decision_is_in_the_list(decision: str) -> None:
    assert f"({decision})" in DOCS["docs/decisions/README.md"]
    assert (ROOT / "docs/decisions" / decision).read_text("utf-8").startswith(f"# {decision[:4]} ")


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in ROOT.glob("docs/decisions/[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("document", sorted(DOCS))
def test_links_lead_somewhere(document: str) -> None:
    here = (ROOT / document).parent
    lost = [
        target
        for picture, target in LINK.findall(DOCS[document])
        if "://" not in target and not (here / target).exists() and not (picture and _is_a_screenshot(target))
    ]
    assert lost == []


def _is_a_screenshot(target: str) -> bool:
    """Screenshots are made from the running library, after the text."""
    return target.startswith(("docs/images/", "images/"))


def test_every_file_the_map_names_is_there() -> None:
    named = set(re.findall(r"`((?:lib|pages|tests|docs)/[\w/.]+\.(?:py|md|sql))`", DOCS["docs/architecture.md"]))
    assert len(named) > 30
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []


def test_every_room_is_on_the_map() -> None:
    rooms = {path.name for path in (ROOT / "lib").iterdir() if (path / "__init__.py").is_file()}
    assert [room for room in sorted(rooms) if f"lib/{room}" not in DOCS["docs/architecture.md"]] == []


def test_the_two_commands_stand_first() -> None:
    readme = Path(ROOT / "README.md").read_text("utf-8")
    assert readme.index("python3 manage.py run") < readme.index("python3 manage.py test") < 1200
