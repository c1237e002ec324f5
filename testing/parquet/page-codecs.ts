import type { DataFileCodecs } from '@/lib/scan/read/file-facts'
import { pageCodecs as parquetCodecs } from '@/server/parquet/page-codecs'
import { avroCodecs } from '@/server/codecs/avro-codecs'

/** For tests of `lib/`, which does not import the server: the codecs that Node provides. */
export const pageCodecs: DataFileCodecs = { ...parquetCodecs, avro: avroCodecs }
