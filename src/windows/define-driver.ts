/** `defineDriver` for Windows: the builder over the API table and the families. */
import { makeDefineDriver } from "../language/builder.ts";
import { apiTable } from "./api/table.ts";
import { families } from "./families/table.ts";

export const defineDriver = makeDefineDriver(apiTable, families);
