/** Pipes with room for so much: who writes, who reads, and who of them has gone (SV-33 to SV-35). */
import type { Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, some, to } from "./draft.ts";

const conditions = ["well", "well", "hung", "target", "restarted", "suspended"] as const;

export function pipes(roll: Roll, seed: number): Scenario {
  let results = 0;
  const result = (): string => `r${++results}`;
  const room = (): object => of(roll, [{}, {}, { room: 0 }, { room: 2 }]);
  const patience = (): object =>
    roll(3) === 0 ? { Timeout: after(of(roll, [0, 1000, 50_000])) } : {};
  const down = { Pipe: to("Down") };
  const up = { Pipe: to("Up") };
  const isDuplex = roll(3) === 0;
  const writes = (): Statement => call("NtWriteFile", { ...down, ...patience() }, result());
  const inKernel = (): Statement =>
    of(roll, [
      writes,
      writes,
      () => call("KeSetEvent", { Event: to("Wake") }),
      () => call("FltCloseClientPort", { Port: to("Down") }),
      () => call("ZwFsControlFile", { ...down, ...patience() }, result()),
      () => (isDuplex ? call("NtReadFile", { ...up, ...patience() }, result()) : writes()),
    ])();
  const reads = (): Statement =>
    call("ReadFile", { ...down, Message: to("Message"), ...patience() }, result());
  const inService = (): Statement =>
    of(roll, [
      reads,
      reads,
      () => call("WriteFile", { Message: to("Message") }, result()),
      () => (isDuplex ? call("NtWriteFile", { ...up, ...patience() }, result()) : reads()),
      () => call("WaitForSingleObject", { Handle: to("Wake"), ...patience() }, result()),
      () => call("Compute", { Time: after(1000) }),
      () => call("CreateProcess"),
      () => call("ExitProcess"),
    ])();
  const inLoop = roll(2) === 0;
  const answers = [reads(), ...some(roll, [inService], 2).map((one) => one())];
  const condition = of(roll, conditions);
  return drafted(
    seed,
    {
      objects: [
        object("Down", "FLT_PORT", room()),
        ...(isDuplex ? [object("Up", "FLT_PORT", room())] : []),
        object("Wake", "NotificationEvent"),
      ],
      routines: [
        routine("callback", "OnCreate", [writes(), ...(roll(2) === 0 ? [inKernel()] : [])]),
        routine("userThread", "Serve", inLoop ? [{ kind: "forever", body: answers }] : answers, {
          locals: [object("Message", "pointer")],
        }),
      ],
      registrations: [{ family: "process-create", routine: "OnCreate" }],
      services: [{ name: "Agent", objects: [], threads: [{ routine: "Serve", count: 1 }] }],
    },
    Array.from({ length: 1 + roll(2) }, () => ["create"]),
    { service: { condition }, removal: roll(6) === 0 ? "racing" : "none" },
  );
}
