/** A finding's identity: the operations that wait, by stable id, as one text that files can carry. */
const between = " + ";

export const identityOf = (operations: readonly string[]): string => operations.join(between);

/** The operations of an identity, the first one first. */
export const operationIdsOf = (identity: string): readonly string[] => identity.split(between);
