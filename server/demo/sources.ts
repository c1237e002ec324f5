import 'server-only'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import * as z from 'zod'

/** Inputs of the demo lake, built from the real data in the npm package `vega-datasets`. */

export function sourceFile(name: string): string {
  return path.join(process.cwd(), 'node_modules', 'vega-datasets', 'data', name)
}

/** Copies a CSV file with other column names in its header. */
export async function replaceHeader(source: string, names: readonly string[], target: string): Promise<void> {
  const text = await readFile(source, 'utf8')
  await writeFile(target, `${names.join(',')}\n${text.slice(text.indexOf('\n') + 1)}`)
}

/** Copies the header of a CSV file, and the rows that contain a text. */
export async function pickRows(source: string, text: string, target: string): Promise<void> {
  const [header = '', ...rows] = (await readFile(source, 'utf8')).split('\n')
  await writeFile(target, `${[header, ...rows.filter((row) => row.includes(text))].join('\n')}\n`)
}

const nullableNumber = z.number().nullable()
const earthquakesSchema = z.object({
  features: z.array(
    z.object({
      id: z.string(),
      geometry: z.object({ coordinates: z.tuple([z.number(), z.number(), z.number()]) }),
      properties: z.object({
        mag: z.number(),
        magType: z.string(),
        place: z.string(),
        time: z.int(),
        updated: z.int(),
        url: z.string(),
        status: z.string(),
        type: z.string(),
        tsunami: z.int(),
        sig: z.int(),
        felt: nullableNumber,
        cdi: nullableNumber,
        mmi: nullableNumber,
        alert: z.string().nullable(),
        sources: z.string(),
        types: z.string(),
        nst: nullableNumber,
        dmin: nullableNumber,
        rms: nullableNumber,
        gap: nullableNumber,
      }),
    }),
  ),
})

/** Writes the features of the GeoJSON document, one object per line, with their nesting unchanged. */
export async function unpackEarthquakes(source: string, target: string): Promise<void> {
  const { features } = earthquakesSchema.parse(JSON.parse(await readFile(source, 'utf8')))
  const lines = features.map(({ id, geometry, properties: p }) => {
    const [longitude, latitude, depth] = geometry.coordinates
    const measures = { stations: p.nst, nearest_station_degrees: p.dmin, rms_seconds: p.rms, gap_degrees: p.gap }
    return JSON.stringify({
      id,
      at: new Date(p.time).toISOString(),
      updated_at: new Date(p.updated).toISOString(),
      magnitude: p.mag,
      magnitude_type: p.magType,
      place: p.place,
      kind: p.type,
      status: p.status,
      location: { longitude, latitude, depth_km: depth },
      impact: {
        significance: p.sig,
        tsunami: p.tsunami === 1,
        felt_reports: p.felt,
        cdi: p.cdi,
        mmi: p.mmi,
        alert: p.alert,
      },
      networks: splitList(p.sources),
      products: splitList(p.types),
      measures: Object.fromEntries(Object.entries(measures).filter(([, value]) => value !== null)),
      url: p.url,
    })
  })
  await writeFile(target, `${lines.join('\n')}\n`)
}

/** `,ci,us,` → `['ci', 'us']` */
function splitList(text: string): string[] {
  return text.split(',').filter((word) => word !== '')
}
