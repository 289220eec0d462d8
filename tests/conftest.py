"""Settings of all tests: the same examples every time in CI, fresh ones at a developer's desk."""

import os
import tempfile

from hypothesis import settings

settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

# Tests see the tiers that ship, not those that somebody fetched on this machine.
_FETCHED = tempfile.TemporaryDirectory(prefix="ringfence-tests-")
os.environ["RINGFENCE_DATA"] = _FETCHED.name
