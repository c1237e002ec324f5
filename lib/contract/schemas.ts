import { z } from 'zod'

/** Shapes that the OpenAPI document and clients generated from it know by a name of their own. */
export const contractSchemas = z.registry<{ id: string }>()
