import * as z from 'zod'
import { contractSchemas } from './schemas'

/** A part of a change, before and after. Of a column: its type; of a grant: the role; null: not there, or not set. */
export const describedChange = z
  .object({
    /** A figure is a size of the change, and has no value before. The values of a time are instants in ISO 8601. */
    kind: z.enum(['name', 'layout', 'column', 'ref', 'property', 'grant', 'figure', 'value', 'time']),
    /** The column, branch, property or holder of a role, or the noun of the value. */
    name: z.string(),
    /** The text of a property on pages if it is not its name, as in `codec of route`. */
    label: z.string().exactOptional(),
    before: z.string().nullable(),
    after: z.string().nullable(),
  })
  .register(contractSchemas, { id: 'DescribedChange' })
export type DescribedChange = z.output<typeof describedChange>
