import { installPython } from './install-python.ts'

const VERSION = '0.12.0'
const PACKAGES = [
  `pyiceberg[sql-sqlite]==${VERSION}`,
  // The core is what computes partition values when it appends.
  'pyiceberg-core==0.10.1',
  'pyarrow==26.0.1',
  'SQLAlchemy==2.1.9',
]

/** A Python that has PyIceberg (about a minute on first use), as {@link installPython} gives it. */
export function installPyiceberg(): string | null {
  return installPython({ name: 'PyIceberg', version: VERSION, packages: PACKAGES })
}

/** One that opens a catalog in PostgreSQL. */
export function installPyicebergWithPostgres(): string | null {
  return installPython({
    name: 'PyIceberg-psycopg2',
    version: VERSION,
    packages: [...PACKAGES, 'psycopg2-binary==2.9.13'],
  })
}

/** One whose requests to an S3 store can be signed by a catalog: that goes by s3fs, not by PyArrow. */
export function installPyicebergWithSigner(): string | null {
  const packages = [...PACKAGES, 's3fs==2026.9.0', 'aiobotocore==3.10.0', 'botocore==1.43.117']
  return installPython({ name: 'PyIceberg-s3fs', version: VERSION, packages })
}

/** One that reads and writes Azure, which goes by adlfs. */
export function installPyicebergWithAzure(): string | null {
  const packages = [...PACKAGES, 'adlfs==2026.8.0', 'azure-storage-blob==12.31.1', 'azure-identity==1.27.0']
  return installPython({ name: 'PyIceberg-adlfs', version: VERSION, packages: [...packages, 'aiohttp==3.14.5'] })
}

/** One that reads and writes Google Cloud Storage, which goes by gcsfs. */
export function installPyicebergWithGcs(): string | null {
  const packages = [...PACKAGES, 'gcsfs==2026.10.1', 'google-cloud-storage==3.17.1', 'google-auth==2.62.2']
  return installPython({ name: 'PyIceberg-gcsfs', version: VERSION, packages: [...packages, 'aiohttp==3.14.5'] })
}
