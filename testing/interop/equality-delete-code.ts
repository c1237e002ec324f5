/**
 * Python for a session of Spark that deletes rows by equality, with Iceberg's Java library.
 *
 * @param table in the namespace `shop`
 * @param columns field ids by name
 * @param rows values of the columns; Python literals
 */
export function equalityDeleteCode(table: string, columns: Readonly<Record<string, number>>, rows: string): string {
  return `
jvm, gateway = spark._jvm, spark.sparkContext._gateway
table = jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(spark._jsparkSession, 'peer.shop.${table}')
names = ${JSON.stringify(Object.keys(columns))}
ids = gateway.new_array(jvm.int, ${Object.keys(columns).length})
for i, id in enumerate(${JSON.stringify(Object.values(columns))}): ids[i] = id
schema = table.schema().select(names)
unpartitioned = jvm.org.apache.iceberg.PartitionSpec.unpartitioned()
factory = jvm.org.apache.iceberg.data.GenericAppenderFactory(table.schema(), unpartitioned, ids, schema, None)
import uuid
output = table.io().newOutputFile(table.location() + '/data/' + str(uuid.uuid4()) + '.parquet')
encrypted = jvm.org.apache.iceberg.encryption.EncryptedFiles.plainAsEncryptedOutput(output)
writer = factory.newEqDeleteWriter(encrypted, jvm.org.apache.iceberg.FileFormat.PARQUET, None)
for values in ${rows}:
    record = jvm.org.apache.iceberg.data.GenericRecord.create(schema)
    for name, value in zip(names, values): record.setField(name, value)
    writer.write(record)
writer.close()
table.newRowDelta().addDeletes(writer.toDeleteFile()).commit()`
}
