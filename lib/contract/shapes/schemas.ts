import * as z from 'zod'

/** Shapes that have a name of their own in the OpenAPI document and in clients generated from it. */
export const contractSchemas = z.registry<{ id: string }>()
