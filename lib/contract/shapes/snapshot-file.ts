import { z } from 'zod'

/** Input fields for a file that a snapshot references, by its location in the metadata. */
export const snapshotFileFields = {
  file: z.string().min(1),
  /** The manifest that lists the file. Without it every manifest of the snapshot is searched. */
  manifest: z.string().min(1).optional(),
}
