/** The API table: every call that a model can make. */
import { addressSpaceApis } from "./address-spaces.ts";
import { fileApis } from "./files.ts";
import { lockApis } from "./locks.ts";
import { memoryApis } from "./memory.ts";
import { messageApis } from "./messages.ts";
import { processApis } from "./processes.ts";
import { registrationApis } from "./registration.ts";
import { registryApis } from "./registry.ts";
import { sharedLockApis } from "./shared-locks.ts";
import { timerApis } from "./timers.ts";
import { userApis } from "./user-mode.ts";
import { waitApis } from "./waits.ts";
import { workApis } from "./work.ts";

export const apiTable = [
  ...waitApis,
  ...lockApis,
  ...sharedLockApis,
  ...timerApis,
  ...workApis,
  ...registrationApis,
  ...messageApis,
  ...fileApis,
  ...registryApis,
  ...processApis,
  ...addressSpaceApis,
  ...memoryApis,
  ...userApis,
] as const;
