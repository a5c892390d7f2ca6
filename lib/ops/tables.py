"""Every table of every room in one place, for migrations and checks."""

import lib.access.once
import lib.accounts.models
import lib.audit.models
import lib.billing.models
import lib.catalogue.models
import lib.circulation.hold_models
import lib.circulation.models
import lib.circulation.side_models
import lib.kit.settings
import lib.kit.versions
import lib.notices.models
import lib.ops.models  # noqa: F401
from lib.kit.tables import Base

METADATA = Base.metadata
