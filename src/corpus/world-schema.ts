/** The shape of a world, in corpus files and in driver files. */
import * as z from "zod";
import { durationUsMax } from "../language/validate-limits.ts";
import {
  type Action,
  poolLoads,
  poolProfileNames,
  serviceConditions,
  startups,
  type TimeProfile,
  type UserThread,
  userActions,
  type World,
} from "../windows/scenario.ts";
import { type Exactly, name } from "./schema-parts.ts";

/** As many as large programs map. */
const imagesMax = 200;
/** Threads of one kind, items, actions: beyond this a world is taken for a slip. */
const countMax = 1_000;

const time = z.int().min(0).max(durationUsMax);

/** Times in microseconds; those that are left out are the model's. */
export const timesSchema = z
  .strictObject({
    shortUs: time.optional().meta({ description: "A plain call." }),
    lockUs: time.optional().meta({ description: "A call on a lock or an event." }),
    userModeUs: time.optional().meta({ description: "A call in user mode." }),
    ioUs: time.optional().meta({ description: "A call to a file, the registry or a device." }),
    createProcessUs: time
      .optional()
      .meta({ description: "Windows' own work to create a process." }),
    exitProcessUs: time.optional().meta({ description: "Windows' own work to end a process." }),
    createThreadUs: time.optional().meta({ description: "Windows' own work to create a thread." }),
    mapImageUs: time.optional().meta({ description: "Windows' own work to map an image." }),
    busyItemUs: time.optional().meta({ description: "A foreign item of a busy pool." }),
    slowServiceUs: time
      .optional()
      .meta({ description: "What a slow service computes for a request." }),
    personUs: time.optional().meta({ description: "Until somebody has answered a dialog." }),
    callbackUs: time.min(1).optional().meta({ description: "What one callback may take." }),
    eventUs: time
      .min(1)
      .optional()
      .meta({ description: "What all callbacks of one event may take." }),
    operationUs: time
      .min(1)
      .optional()
      .meta({ description: "What a user's operation may take, or a request of a service." }),
  } satisfies Exactly<Partial<TimeProfile>>)
  .meta({ description: "Times in microseconds that differ from the model's." });

/** Worlds in which users do what is in this list. */
export const worldSchemaWith = (actions: readonly string[]) => worldOf(z.enum(actions));

/** The shape of every world, for editors: drivers may bring what users do. */
export const worldSchema = worldOf(
  z.union([z.enum(userActions), z.string()]).meta({
    description: "One of these, or an action of a family that a driver brings.",
  }),
);

function worldOf(action: z.ZodType<Action>) {
  return z
    .strictObject({
      name,
      workload: z
        .array(
          z.strictObject({
            name,
            does: z.array(action).max(countMax),
          } satisfies Exactly<UserThread>),
        )
        .max(countMax)
        .refine(hasNamesOnce, "two threads have one name"),
      pool: z.strictObject({
        profile: z.enum(poolProfileNames),
        load: z.enum(poolLoads),
        items: z.int().min(0).max(countMax).optional().meta({
          description: "Foreign items queued first; else as many as the load needs.",
        }),
      } satisfies Exactly<World["pool"]>),
      service: z.strictObject({
        condition: z.enum(serviceConditions),
        threads: z.int().min(0).max(countMax).optional().meta({
          description: "Threads of each kind that the driver file declares; else as declared.",
        }),
      } satisfies Exactly<World["service"]>),
      startup: z.enum(startups),
      removal: z.enum(["none", "racing"]),
      specialApcs: z.enum(["on", "off"]).optional().meta({
        description: "Special kernel APCs while image callbacks run; else on.",
      }),
      times: timesSchema.optional(),
      neighbour: z.enum(["creates a thread"]).optional().meta({
        description: "Another driver: its file filter creates a thread in whoever opens a file.",
      }),
      images: z.int().min(0).max(imagesMax).optional().meta({
        description: "DLLs that a new process maps on its way to user mode; else none.",
      }),
      disk: z.enum(["removed"]).optional().meta({
        description: "Files lie on a disk that is gone: a person is asked to put it back.",
      }),
      zeroMessageTimeout: z.enum(["no wait"]).optional().meta({
        description: "A message with a timeout of 0 is not waited for; else it is, without limit.",
      }),
      itemsAtUnload: z.enum(["run on"]).optional().meta({
        description:
          "DriverUnload runs beside the driver's own IoWorkItems; else they end before it begins.",
      }),
    } satisfies Exactly<World>)
    .meta({ id: "World", description: "What stands around the drivers." });
}

function hasNamesOnce(threads: readonly UserThread[]): boolean {
  return new Set(threads.map((thread) => thread.name)).size === threads.length;
}
