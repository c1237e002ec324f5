export type SetupEngine = 'pyiceberg' | 'spark' | 'curl'

/** A few lines per engine that open the catalog at `uri` with the token in the variable `LAKESHORE_TOKEN`. */
export const ENGINE_SETUPS: Record<SetupEngine, (uri: string) => string> = {
  pyiceberg: (uri) =>
    [
      'import os',
      'from pyiceberg.catalog.rest import RestCatalog',
      '',
      'catalog = RestCatalog(',
      '    "lakeshore",',
      `    uri=${JSON.stringify(uri)},`,
      '    token=os.environ["LAKESHORE_TOKEN"],',
      ')',
      'print(catalog.list_namespaces())',
    ].join('\n'),
  // Spark exchanges the credential for a token that lasts an hour, and renews it.
  spark: (uri) =>
    [
      'spark-sql \\',
      '  --packages org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.10.1 \\',
      '  --conf spark.sql.catalog.lakeshore=org.apache.iceberg.spark.SparkCatalog \\',
      '  --conf spark.sql.catalog.lakeshore.type=rest \\',
      `  --conf spark.sql.catalog.lakeshore.uri=${uri} \\`,
      `  --conf spark.sql.catalog.lakeshore.oauth2-server-uri=${uri}/v1/oauth/tokens \\`,
      '  --conf spark.sql.catalog.lakeshore.credential="$LAKESHORE_TOKEN" \\',
      '  -e "show namespaces in lakeshore"',
    ].join('\n'),
  curl: (uri) => `curl -H "Authorization: Bearer $LAKESHORE_TOKEN" ${uri}/v1/config`,
}
