import type { Jar } from './maven.ts'

/** The releases of other programs that the tests use, with the hash of each file when it was first used. */

/**
 * Iceberg's own REST server with all its dependencies, and the client half of the kit. Later releases do not publish
 * this jar.
 */
export const REST_FIXTURE: Jar = {
  coordinates: 'org.apache.iceberg:iceberg-open-api:1.10.1',
  sha256: '09e6aef58984eaa58bf1e1bc5193ad023e929c6bfd38c82db7b83ffe825af724',
}

/** Iceberg's REST compatibility kit: its tests, then the jars that run them. */
export const COMPATIBILITY_KIT: readonly Jar[] = [
  {
    coordinates: 'org.junit.platform:junit-platform-console-standalone:1.13.4',
    sha256: '3fdfc37e29744a9a67dd5365e81467e26fbde0b7aa204e6f8bbe79eeaa7ae892',
  },
  {
    coordinates: 'org.apache.iceberg:iceberg-open-api:1.10.1:tests',
    sha256: 'aa3c0675b579f5902fe6904ec9cce2230b7bc5967e03e3b7fe2e3b940f82322e',
  },
  {
    coordinates: 'org.apache.iceberg:iceberg-core:1.10.1:tests',
    sha256: '8c18111a61ea40ba23114e10e33bacfceca6cf36d2c9a932d880e0100f14af1e',
  },
  {
    coordinates: 'org.apache.iceberg:iceberg-api:1.10.1:tests',
    sha256: '33aa75f192142a23d6c4066f393f472e866fbdbaf6d4f7da73d5eb4a05edc55d',
  },
  REST_FIXTURE,
  {
    coordinates: 'org.assertj:assertj-core:3.27.3',
    sha256: '5b8a26205f6d5ea60ad9ce65ce4a40a2afe4c48abeec61bd0740a088c24e89f5',
  },
  {
    coordinates: 'org.awaitility:awaitility:4.3.0',
    sha256: 'ee58568ea5945dcf988551501655183dc184e23e45a8e013fdfd9036194e6f7b',
  },
  {
    coordinates: 'net.bytebuddy:byte-buddy:1.15.11',
    sha256: 'fa08998aae1e7bdae83bde0712c50e8444d71c0e0c196bb2247ade8d4ad0eb90',
  },
  {
    coordinates: 'org.hamcrest:hamcrest:2.2',
    sha256: '5e62846a89f05cd78cd9c1a553f340d002458380c320455dd1f8fc5497a8a1c1',
  },
]

/** Iceberg for Spark 3.5 on Scala 2.12, as in PySpark 3.5. */
export const SPARK_RUNTIME: Jar = {
  coordinates: 'org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.10.1',
  sha256: '39ea09e6c03550a300b9d9ab498949836d2d434e441da4c12a943a086e396940',
}

/** The first release that can leave planning to a REST catalog. */
export const SPARK_RUNTIME_WITH_PLANNING: Jar = {
  coordinates: 'org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.11.0',
  sha256: '94b8e36fc329f0293d44ba9e01b784a56e9501affec1842d898144c51f6e486a',
}

/** Iceberg reads variants with a newer release of this library than Spark 3.5 has. */
export const COMMONS_LANG: Jar = {
  coordinates: 'org.apache.commons:commons-lang3:3.17.0',
  sha256: '6ee731df5c8e5a2976a1ca023b6bb320ea8d3539fbe64c8a1d5cb765127c33b4',
}

/** The jar that Iceberg for Spark or Flink also needs for files in an S3 store. */
export const ICEBERG_AWS: Jar = {
  coordinates: 'org.apache.iceberg:iceberg-aws-bundle:1.10.1',
  sha256: '86bf20892ea5b4c17688f19b075399885f6aa5303f6b2dc9f491e76ceef9633b',
}

/** The jar that Spark needs to open the embedded catalog's database. */
export const SQLITE_JDBC: Jar = {
  coordinates: 'org.xerial:sqlite-jdbc:3.50.3.0',
  sha256: 'a3f53a2aa15ae9425a9e793bbe9c8e5288febeb4b65ef5c1a4e80d4c2045cf08',
}

/** The jar that Spark needs to open the embedded catalog's tables in PostgreSQL. */
export const POSTGRES_JDBC: Jar = {
  coordinates: 'org.postgresql:postgresql:42.7.14',
  sha256: '73914527305a40cce504b0d3d90b23caf565136912d607ae8ae7c5895512332c',
}

/** Nessie with all its dependencies. */
export const NESSIE: Jar = {
  coordinates: 'org.projectnessie.nessie:nessie-quarkus:0.99.0:runner',
  sha256: 'ce9fa33e2878bf5ea3981876b9e6204cabc0362b3dd82326b10e47271a78c417',
}
