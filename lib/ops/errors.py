"""Refusals of the library's upkeep."""

from lib.kit.errors import RuleBroken


class SchemaTooNew(RuleBroken):
    """The database was made by a newer release. Facts: found, newest."""

    message = (
        "The database has schema {found}, but this release knows only schemas up to {newest}. "
        "Start the newer release again, or restore the backup made before the upgrade."
    )


class ForeignDatabase(RuleBroken):
    """The database has tables of this library's names, but not made by its migrations. Facts: table."""

    message = (
        "The database already has a table “{table}” that was not made by this library's migrations. "
        "Choose an empty database with TOME_DATABASE_URL, or another folder with TOME_DATA_DIR."
    )


class DemoInProduction(RuleBroken):
    """The demo accounts are open and the mode is production. Facts: accounts."""

    message = (
        "This database holds the demo accounts ({accounts}), whose password everybody knows. "
        "Choose an empty folder with TOME_DATA_DIR, or start in demo mode (TOME_MODE=demo), make an admin of your "
        "own and disable them."
    )
