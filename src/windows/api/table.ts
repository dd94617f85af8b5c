/** The API table: every call that a model can make. */

import type { ApiShape } from "../../language/shape.ts";
import { lockApis } from "./locks.ts";
import { registrationApis } from "./registration.ts";
import { serviceApis } from "./services.ts";
import { sharedLockApis } from "./shared-locks.ts";
import { userApis } from "./user-mode.ts";
import { waitApis } from "./waits.ts";
import { workApis } from "./work.ts";

export const apiTable = [
  ...waitApis,
  ...lockApis,
  ...sharedLockApis,
  ...workApis,
  ...registrationApis,
  ...serviceApis,
  ...userApis,
] as const;

export const apisByName: ReadonlyMap<string, ApiShape> = new Map(
  apiTable.map((api): [string, ApiShape] => [api.name, api]),
);
