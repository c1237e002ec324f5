/** A planned cut of a connection, which waits for the bytes that cause it. */
export type PlannedCut = {
  bytes: Buffer
  /** Whether the bytes still reach the server. */
  isForwarded: boolean
  onCut: () => void
}

/** Looks for the bytes that cause a cut in the stream of one client, however the network splits it. */
export type CutFinder = (sent: Buffer) => PlannedCut | null

export type PlannedCuts = {
  /** Resolves when the cut has happened. */
  plan: (text: string, isForwarded: boolean) => Promise<void>
  /** For one connection. A cut that is found is no longer planned. */
  createFinder: () => CutFinder
}

export function createPlannedCuts(): PlannedCuts {
  const planned = new Set<PlannedCut>()
  return {
    plan: (text, isForwarded) =>
      new Promise((onCut) => void planned.add({ bytes: Buffer.from(text), isForwarded, onCut })),
    createFinder: () => {
      let tail = Buffer.alloc(0)
      return (sent) => {
        const received = Buffer.concat([tail, sent])
        // Bytes that the client sent before a cut was planned do not cause it.
        const isSent = ({ bytes }: PlannedCut) =>
          received.indexOf(bytes, Math.max(0, tail.length - bytes.length + 1)) >= 0
        const found = [...planned].find(isSent) ?? null
        if (found) planned.delete(found)
        const maxLength = Math.max(1, ...[...planned].map(({ bytes }) => bytes.length))
        tail = received.subarray(Math.max(0, received.length - maxLength + 1))
        return found
      }
    },
  }
}
