/** Files and their names: calls that wait for the file system. */
import { anotherName, arg, kernelApi, object, op, timeout } from "./define.ts";

const file = {
  irqlMax: "PASSIVE_LEVEL",
  needsApcs: "special",
  cost: "io",
  does: [op("completion"), op("mayFail")],
  results: ["success", "failure"],
  effects: ["fileIo", "needsSpecialApcs"],
} as const;
/** Seen by every filter on the volume. */
const fromTheTop = { ...file, raises: ["file"] } as const;
/** Sent below the own filter, and waited for without an APC. */
const below = {
  ...fromTheTop,
  needsApcs: undefined,
  does: [op("completion", { byApc: false }), op("mayFail")],
  effects: ["fileIo"],
} as const;
/** From its own cache, or with I/O; not at all where no APC can be delivered. */
const name = {
  does: [op("completion", { declines: true })],
  results: ["success", "failure"],
  effects: ["fileIo", "declinesWithoutApcs"],
  raises: ["file"],
} as const;
const pipe = object("Pipe", "FLT_PORT");

export const fileApis = [
  kernelApi({
    name: "ZwCreateFile",
    ...fromTheTop,
    facts: ["SV-2", "B9", "APC-4"],
    summary: "Opens a file: waits for the file system, needs special kernel APCs.",
  }),
  kernelApi({
    name: "ZwOpenFile",
    ...fromTheTop,
    facts: ["SV-2", "B9", "APC-4"],
    summary: "Opens a file that is there, in the same way.",
  }),
  kernelApi({
    name: "ZwReadFile",
    ...fromTheTop,
    weight: 2,
    facts: ["SV-2", "APC-4"],
    summary: "Reads a file synchronously: its completion is a special kernel APC.",
  }),
  kernelApi({
    name: "ZwWriteFile",
    ...fromTheTop,
    facts: ["SV-2", "APC-4"],
    summary: "Writes a file synchronously.",
  }),
  kernelApi({
    name: "ZwDeviceIoControlFile",
    ...fromTheTop,
    facts: ["SV-2", "APC-4"],
    summary: "Sends a control code to a device and waits for its completion.",
  }),
  kernelApi({
    name: "ZwQueryInformationFile",
    ...fromTheTop,
    facts: ["SV-2", "APC-4"],
    summary: "Asks the file system about a file.",
  }),
  kernelApi({
    name: "ZwSetInformationFile",
    ...fromTheTop,
    ...anotherName,
    facts: ["SV-2", "APC-4"],
    summary: "Tells the file system how a file is to be: its name, its end, that it be deleted.",
  }),
  kernelApi({
    name: "ZwQueryDirectoryFile",
    ...fromTheTop,
    ...anotherName,
    facts: ["SV-2", "APC-4"],
    summary: "Asks the file system what is in a folder.",
  }),
  kernelApi({
    name: "ZwDeleteFile",
    ...fromTheTop,
    ...anotherName,
    facts: ["SV-2", "APC-4"],
    summary: "Deletes a file.",
  }),
  kernelApi({
    name: "ZwQueryVolumeInformationFile",
    ...fromTheTop,
    facts: ["SV-2", "APC-4"],
    summary: "Asks the file system about a volume.",
  }),
  kernelApi({
    name: "FltCreateFile",
    ...fromTheTop,
    needsApcs: "normal",
    facts: ["SV-3", "SV-4", "B10", "APC-4"],
    summary: "Opens a file below the own filter: not in any critical region.",
  }),
  kernelApi({
    name: "FltCreateFileEx",
    ...fromTheTop,
    needsApcs: "normal",
    facts: ["SV-3", "SV-4", "B10", "APC-4"],
    summary: "Opens a file below the own filter and hands back its object, too.",
  }),
  kernelApi({
    name: "FltPerformSynchronousIo",
    ...below,
    irqlMax: "APC_LEVEL",
    facts: ["SV-32"],
    summary: "Sends an IRP to what is below the own filter and waits for it, at APC_LEVEL too.",
  }),
  kernelApi({
    name: "FltReadFile",
    ...below,
    ...anotherName,
    facts: ["SV-37", "SV-32"],
    summary:
      "Reads a file below the own filter, and waits for that where no routine is to be told.",
  }),
  kernelApi({
    name: "FltWriteFile",
    ...below,
    ...anotherName,
    facts: ["SV-37", "SV-32"],
    summary: "Writes a file in the same way.",
  }),
  kernelApi({
    name: "FltQueryInformationFile",
    ...below,
    ...anotherName,
    facts: ["SV-37", "SV-32"],
    summary: "Asks what is below the own filter about a file.",
  }),
  kernelApi({
    name: "FltSetInformationFile",
    ...below,
    ...anotherName,
    facts: ["SV-37", "SV-32"],
    summary: "Tells what is below the own filter how a file is to be.",
  }),
  kernelApi({
    name: "FltClose",
    irqlMax: "PASSIVE_LEVEL",
    facts: ["SV-3"],
    summary: "Closes a handle of FltCreateFile.",
  }),
  kernelApi({
    name: "FltGetFileNameInformation",
    ...name,
    facts: ["SV-28", "APC-4"],
    summary: "Finds a file's name, with I/O if it is not cached; fails where all APCs are off.",
  }),
  kernelApi({
    name: "FltGetFileNameInformationUnsafe",
    ...name,
    facts: ["SV-28", "APC-4"],
    summary: "The same outside of a filter's callback, as in an image routine.",
  }),
  kernelApi({
    name: "FltParseFileNameInformation",
    facts: ["SV-28"],
    summary: "Takes a name apart, in memory.",
  }),
  kernelApi({
    name: "FltReleaseFileNameInformation",
    facts: ["SV-28"],
    summary: "Gives a name back.",
  }),
  kernelApi({
    name: "IoVolumeDeviceToDosName",
    ...file,
    facts: ["APC-4"],
    summary: "Asks the mount manager for a drive letter.",
  }),
  kernelApi({
    name: "IoQueryFileDosDeviceName",
    ...file,
    facts: ["APC-4"],
    summary: "Asks the file system and the mount manager for a DOS path.",
  }),
  kernelApi({
    name: "ObQueryNameString",
    cost: "lock",
    does: [op("mayFail")],
    results: ["success", "failure"],
    facts: ["SV-17"],
    summary: "Tells an object's name; that of a file asks the file system, which is left out.",
  }),
  kernelApi({
    name: "ZwCreateSection",
    ...fromTheTop,
    facts: ["SV-2", "SV-19", "APC-4"],
    summary: "Makes a section of a file: reads its header, and may have to write the file out.",
  }),
  kernelApi({
    name: "MmMapViewInSystemSpaceEx",
    cost: "lock",
    does: [op("mayFail")],
    results: ["success", "failure"],
    facts: ["SV-19"],
    summary: "Maps a section where all processes see it; no process's address space is touched.",
  }),
  kernelApi({
    name: "MmUnmapViewInSystemSpace",
    cost: "lock",
    facts: ["SV-19"],
    summary: "Takes such a view away.",
  }),
  kernelApi({
    name: "ZwClose",
    irqlMax: "PASSIVE_LEVEL",
    facts: ["SV-30"],
    summary: "Closes a handle.",
  }),
  kernelApi({
    name: "ZwFsControlFile",
    params: [pipe, timeout],
    irqlMax: "PASSIVE_LEVEL",
    needsApcs: "special",
    does: [op("send", { object: arg("Pipe"), reply: "reply", timeout: arg("Timeout") })],
    results: ["success", "timeout", "disconnected", "terminated"],
    cost: "lock",
    effects: ["fileIo", "needsSpecialApcs", "asksUserMode", "ipc", "waits"],
    facts: ["SV-2", "SV-5", "APC-4"],
    summary:
      "FSCTL_PIPE_TRANSCEIVE: writes a request into a pipe and waits until its other end has answered.",
  }),
] as const;
