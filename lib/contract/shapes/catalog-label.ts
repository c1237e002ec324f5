import * as z from 'zod'
import { CATALOG_LABEL_COLORS, MAX_CATALOG_LABEL_CHARS } from './plain-values'
import { contractSchemas } from './schemas'

/** One line of visible characters. */
const LABEL_TEXT = /^(?=.*\S)[^\p{C}\p{Zl}\p{Zp}]+$/u

/** A short text and a colour that tell a catalog from others, such as *production*. */
export const catalogLabel = z
  .object({
    text: z
      .string()
      .max(MAX_CATALOG_LABEL_CHARS)
      .regex(LABEL_TEXT, `One line of up to ${MAX_CATALOG_LABEL_CHARS} visible characters.`),
    color: z.enum(CATALOG_LABEL_COLORS),
  })
  .register(contractSchemas, { id: 'CatalogLabel' })
export type CatalogLabel = z.output<typeof catalogLabel>
