/** Runs before every test file: the same seed for every property, so that a run can be repeated. */

import fc from "fast-check";

fc.configureGlobal({ seed: 0x1009_401e });
