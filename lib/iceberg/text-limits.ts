/**
 * How long single texts in metadata may be, in characters, and how many properties. Every load of a table reads all of them, and every commit
 * writes them again. The limits are far above what engines and other catalogs allow, so no table in real use is refused.
 */

/**
 * The limit for the name of a column, a partition field, a branch or a tag. Hive allows 767, BigQuery 300, Glue and
 * Snowflake 255.
 */
export const MAX_FIELD_NAME_CHARS = 1000
/** BigQuery allows 1,024, Hive 256, Glue 255. */
export const MAX_DOC_CHARS = 64 * 1024

/** The limit for the location of a file or a folder: the longest path of Linux. Object stores allow 1,024. */
export const MAX_LOCATION_CHARS = 4096

export const MAX_PROPERTY_NAME_CHARS = 1000
/** A name mapping of ten thousand columns takes about 600,000. */
export const MAX_PROPERTY_CHARS = 1024 * 1024
/** In one request. */
export const MAX_SET_PROPERTIES = 20_000
