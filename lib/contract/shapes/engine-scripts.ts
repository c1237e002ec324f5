import * as z from 'zod'
import { contractSchemas } from './schemas'
import { count } from './wire'

/** The script with which an engine other than Lakeshore makes the changes. Values that grant access are masked. */
const engineScript = z
  .object({
    /** To copy and run; changes that the engine cannot make are comments with the reason. */
    text: z.string(),
    commitCount: count,
    missingCount: count,
  })
  .register(contractSchemas, { id: 'EngineScript' })

export const engineScripts = z.object({ spark: engineScript, trino: engineScript, pyiceberg: engineScript })
export type EngineScripts = z.output<typeof engineScripts>
