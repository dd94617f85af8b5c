/** What is asked of drivers before any run: which parts of a world concern them. Each answer is what their calls do. */
import type { DriverModel, Statement } from "../../../src/language/model.ts";
import { languageOf } from "../../../src/windows/language.ts";
import {
  createsProcesses,
  creatingThreads,
  loadsLibraries,
  opensFiles,
  pipesOf,
  portsOf,
  registersItself,
  registersLater,
  removesCallbacks,
  sendsWithZeroTimeout,
  servingThreads,
  startsThreads,
  unregistersFilter,
  usesPool,
  usesServices,
  walksLists,
  workQueuesOf,
} from "../../../src/windows/questions.ts";
import { after, call, drafted, object, routine, to } from "../draw/draft.ts";

type Given = Partial<DriverModel>;

const items = [routine("workItem", "Item", []), routine("workItem", "Later", [])];
const queues = (api: string, QueueType: string, item = "Item"): Statement =>
  call(api, { WorkItem: { routine: item }, QueueType });
const registers = (NotifyRoutine: string, Remove: "TRUE" | "FALSE"): Statement =>
  call("PsSetCreateProcessNotifyRoutineEx", { NotifyRoutine: { routine: NotifyRoutine }, Remove });
const sends = (Timeout?: object): Statement =>
  call("FltSendMessage", {
    Port: to("Port"),
    Reply: "reply",
    ...(Timeout === undefined ? {} : { Timeout }),
  });
const patience = (value: number | "none") => ({ name: "Patience", value });
const ofSetting = { timeout: { setting: "Patience" } };
const fetches = (port: string): Statement =>
  call("FilterGetMessage", { Port: to(port), Message: to("Message") });
const writes = (port: string): Statement => call("NtWriteFile", { Pipe: to(port) });

const driverOf = (given: Given): DriverModel => {
  const { drivers } = drafted(1, given, [["create"]]);
  return drivers[0] as unknown as DriverModel;
};
const calling = (body: readonly Statement[], more: Given = {}): DriverModel =>
  driverOf({
    objects: [
      object("Port", "FLT_PORT"),
      object("Other", "FLT_PORT"),
      object("List", "LIST_ENTRY"),
      object("At", "pointer"),
      object("Message", "pointer"),
    ],
    routines: [routine("callback", "OnEvent", body), ...items],
    registrations: [{ family: "process", routine: "OnEvent" }],
    ...more,
  });
/** A service of which each thread, by its routine, does this. */
const serving = (
  bodies: Readonly<Record<string, readonly Statement[]>>,
  counts: readonly number[],
): DriverModel =>
  calling([], {
    routines: [
      ...Object.entries(bodies).map(([name, body]) => routine("userThread", name, body)),
      routine("request", "OnControl", [
        call("IoCsqRemoveNextIrp", { Csq: to("Port"), Irp: to("At") }),
      ]),
    ],
    services: [
      {
        name: "Service",
        objects: [],
        threads: Object.keys(bodies).map((name, i) => ({ routine: name, count: counts[i] ?? 1 })),
      },
    ],
  });
const entry = (body: readonly Statement[], names = ["OnEvent"]): DriverModel =>
  calling([], {
    routines: [
      ...names.map((name) => routine("callback", name, [])),
      routine("entry", "DriverEntry", body),
    ],
    registrations: names.map((name) => ({ family: "process", routine: name })),
  });

const world = drafted(1, {}, [["create"]]).world as unknown as Parameters<
  typeof creatingThreads
>[1];
const loading = drafted(1, {}, [["create", "load a driver"]]).world as unknown as typeof world;

const nothing = calling([]);
const language = languageOf([nothing]);
const walks = call("RemoveEntryList", { Entry: to("At") });
const nextOf = call("Flink", { ListHead: to("List"), Entry: to("At") });

/** Of each question: what is asked, and the answer. */
const answersNow = (): readonly (readonly [question: string, is: unknown, should: unknown])[] => [
  ["work queued", usesPool([calling([queues("ExQueueWorkItem", "DelayedWorkQueue")])]), true],
  ["no work queued", usesPool([calling([call("DbgPrint")])]), false],
  ["no work queued, a driver loaded", usesPool([nothing], loading), true],
  ["no work queued, no driver loaded", usesPool([nothing], world), false],
  [
    "two queues",
    workQueuesOf([
      calling([
        queues("IoQueueWorkItem", "CriticalWorkQueue"),
        queues("ExQueueWorkItem", "DelayedWorkQueue", "Later"),
      ]),
    ]),
    ["CriticalWorkQueue", "DelayedWorkQueue"],
  ],
  ["no queue", workQueuesOf([nothing], world), []],
  ["the queue of a load", workQueuesOf([nothing], loading), ["DelayedWorkQueue"]],
  ["a message without a timeout", sendsWithZeroTimeout([calling([sends()])]), false],
  ["a message with a timeout", sendsWithZeroTimeout([calling([sends(after(1))])]), false],
  ["a message with a timeout of 0", sendsWithZeroTimeout([calling([sends(after(0))])]), true],
  [
    "a message with a setting of 0",
    sendsWithZeroTimeout([calling([sends(ofSetting)], { settings: [patience(0)] })]),
    true,
  ],
  [
    "a message with a setting of more",
    sendsWithZeroTimeout([calling([sends(ofSetting)], { settings: [patience(5)] })]),
    false,
  ],
  [
    "a wait with a timeout of 0",
    sendsWithZeroTimeout([
      calling([
        call("KeWaitForSingleObject", { Object: { process: "subject" }, Timeout: after(0) }),
      ]),
    ]),
    false,
  ],
  ["a file opened", opensFiles([calling([call("ZwCreateFile")])]), true],
  ["no file opened", opensFiles([calling([call("DbgPrint")])]), false],
  ["a process created", createsProcesses([calling([call("ZwCreateUserProcess")])]), true],
  ["no process created", createsProcesses([calling([call("RtlCreateUserThread")])]), false],
  [
    "another creation of a process",
    createsProcesses([
      calling([{ kind: "other", name: "Makes", raises: "process-create" } as never]),
    ]),
    true,
  ],
  [
    "an image mapped",
    createsProcesses([calling([{ kind: "other", name: "Maps", raises: "image" } as never])]),
    false,
  ],
  ["a callback removed", removesCallbacks([calling([registers("OnEvent", "TRUE")])]), true],
  ["a callback registered", removesCallbacks([calling([registers("OnEvent", "FALSE")])]), false],
  [
    "registered by DriverEntry",
    registersItself(entry([registers("OnEvent", "FALSE")]), language),
    true,
  ],
  [
    "removed by DriverEntry",
    registersItself(entry([registers("OnEvent", "TRUE")]), language),
    false,
  ],
  [
    "registered by a callback",
    registersItself(calling([registers("OnEvent", "FALSE")]), language),
    false,
  ],
  [
    "all registered at once",
    registersLater(entry([registers("OnEvent", "FALSE")]), language),
    false,
  ],
  [
    "one of two registered at once",
    registersLater(entry([registers("OnEvent", "FALSE")], ["OnEvent", "OnOther"]), language),
    true,
  ],
  ["none registered by itself", registersLater(nothing, language), false],
  [
    "registered on a condition",
    registersLater(
      entry([{ kind: "repeat", times: 1, body: [registers("OnEvent", "FALSE")] }]),
      language,
    ),
    true,
  ],
  [
    "items of the filter, and its end",
    unregistersFilter(
      calling([queues("FltQueueGenericWorkItem", "DelayedWorkQueue"), call("FltUnregisterFilter")]),
    ),
    true,
  ],
  [
    "items of the filter alone",
    unregistersFilter(calling([queues("FltQueueGenericWorkItem", "DelayedWorkQueue")])),
    false,
  ],
  [
    "items of the driver, and the filter's end",
    unregistersFilter(
      calling([queues("IoQueueWorkItem", "DelayedWorkQueue"), call("FltUnregisterFilter")]),
    ),
    false,
  ],
  ["a service", usesServices([serving({ First: [] }, [1])]), true],
  ["no service", usesServices([nothing]), false],
  ["nobody serves", servingThreads([nothing]), 0],
  ["one port, three threads", servingThreads([serving({ First: [fetches("Port")] }, [3])]), 3],
  ["as many as the world has", servingThreads([serving({ First: [fetches("Port")] }, [1])], 2), 2],
  [
    "those that are started count as none",
    servingThreads([serving({ First: [fetches("Port")] }, [0])], 2),
    0,
  ],
  [
    "two ports, the one with more",
    servingThreads([serving({ First: [fetches("Port")], Second: [fetches("Other")] }, [1, 2])]),
    2,
  ],
  [
    "two kinds of threads at one port",
    servingThreads([serving({ First: [fetches("Port")], Second: [fetches("Port")] }, [1, 2])]),
    3,
  ],
  [
    "ports that are fetched from",
    portsOf(serving({ First: [fetches("Port")] }, [1]), "Service", language),
    [{ name: "Port", isWritten: false }],
  ],
  [
    "pipes that are written",
    portsOf(serving({ First: [writes("Port")] }, [1]), "Service", language),
    [{ name: "Port", isWritten: true }],
  ],
  [
    "pipes that are written and read",
    portsOf(
      serving({ First: [writes("Port")], Second: [fetches("Port")] }, [1, 1]),
      "Service",
      language,
    ),
    [{ name: "Port", isWritten: false }],
  ],
  ["ports of nobody", portsOf(serving({ First: [fetches("Port")] }, [1]), "Other", language), []],
  ["pipes", pipesOf([calling([call("ZwWriteFile")])]).map(({ name }) => name), []],
  [
    "a pipe",
    pipesOf([serving({ First: [writes("Other")] }, [1])]).map(({ name }) => name),
    ["Other"],
  ],
  ["a list walked", walksLists([calling([nextOf])]), true],
  ["a list not walked", walksLists([calling([walks])]), false],
  ["a library loaded", loadsLibraries([serving({ First: [call("LoadLibrary")] }, [1])]), true],
  ["no library loaded", loadsLibraries([serving({ First: [call("CreateProcess")] }, [1])]), false],
  ["creators", creatingThreads([serving({ First: [call("CreateProcess")] }, [2])], world), 2],
  ["no creators", creatingThreads([serving({ First: [call("LoadLibrary")] }, [2])], world), 0],
  [
    "creators that are only started",
    creatingThreads([serving({ First: [call("CreateProcess")] }, [0])], world),
    0,
  ],
  [
    "a thread started",
    startsThreads(
      serving(
        { First: [call("CreateThread", { StartAddress: { routine: "Second" } })], Second: [] },
        [1, 0],
      ),
      "Second",
    ),
    true,
  ],
  [
    "another thread started",
    startsThreads(
      serving(
        { First: [call("CreateThread", { StartAddress: { routine: "Second" } })], Second: [] },
        [1, 0],
      ),
      "First",
    ),
    false,
  ],
];

export const questionDifferences = (): string[] =>
  answersNow()
    .filter(([, is, should]) => JSON.stringify(is) !== JSON.stringify(should))
    .map(([name, is, should]) => `${name}: ${JSON.stringify(is)}, not ${JSON.stringify(should)}`);
