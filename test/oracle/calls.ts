/** What each call does, by its name. Nothing is read from the table of the model under test. */
import type { Call } from "./calls/call.ts";
import { dispatcherCalls } from "./calls/dispatcher.ts";
import { lockCalls } from "./calls/locks.ts";
import { serviceCalls } from "./calls/services.ts";
import { userCalls } from "./calls/user.ts";

export const calls: Readonly<Record<string, Call>> = {
  ...dispatcherCalls,
  ...lockCalls,
  ...serviceCalls,
  ...userCalls,
};
