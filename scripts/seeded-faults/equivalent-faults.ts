/** Faults that change nothing that a caller, a reader or a file could show, each with the reason. */
export const EQUIVALENT_FAULTS: readonly { id: string; reason: string }[] = []
