import { z } from 'zod'

/** What storage costs, as the operator set it: so much for a TB (10¹² bytes) a month, in a currency of ISO 4217. */
export const storagePrice = z.object({ perTbMonth: z.number().positive(), currency: z.string() })
