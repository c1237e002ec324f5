import * as z from 'zod'

/** The price of storage that the operator set: per TB (10¹² bytes) and month, in a currency of ISO 4217. */
export const storagePrice = z.object({ perTbMonth: z.number().positive(), currency: z.string() })
