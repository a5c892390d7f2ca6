"""Who stands at the desk, and the reader whose card is scanned there."""

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from tests.builders import a_librarian, a_member
from tests.desk.offline_steps import CARD


@pytest.fixture
def desk(library: Installation) -> Actor:
    return a_librarian(library)


@pytest.fixture
def reader(library: Installation) -> Actor:
    return a_member(library, card_number=CARD)
