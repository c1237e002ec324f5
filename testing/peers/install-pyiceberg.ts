import { installPython } from './install-python.ts'

const VERSION = '0.12.0'
const PACKAGES = [
  `pyiceberg[sql-sqlite]==${VERSION}`,
  // The core computes partition values when PyIceberg appends.
  'pyiceberg-core==0.10.1',
  'pyarrow==26.0.1',
  'SQLAlchemy==2.1.9',
]

/** Installs a Python with PyIceberg (about a minute on first use), as {@link installPython} does. */
export function installPyiceberg(): string | null {
  // With it, PyIceberg opens a catalog in PostgreSQL.
  return installPython({ name: 'PyIceberg', version: VERSION, packages: [...PACKAGES, 'psycopg2-binary==2.9.13'] })
}

/**
 * Installs one whose S3 requests a catalog can sign, which works with s3fs and not with PyArrow, and which reads and
 * writes Azure with adlfs.
 */
export function installPyicebergForS3AndAzure(): string | null {
  const s3 = ['s3fs==2026.9.0', 'aiobotocore==3.10.0', 'botocore==1.43.117']
  const azure = ['adlfs==2026.8.0', 'azure-storage-blob==12.31.1', 'azure-identity==1.27.0', 'aiohttp==3.14.5']
  return installPython({ name: 'PyIceberg-s3-azure', version: VERSION, packages: [...PACKAGES, ...s3, ...azure] })
}

/** Installs one that reads and writes Google Cloud Storage with gcsfs, whose fsspec differs from that of s3fs. */
export function installPyicebergForGcs(): string | null {
  const packages = [...PACKAGES, 'gcsfs==2026.10.1', 'google-cloud-storage==3.17.1', 'google-auth==2.62.2']
  return installPython({ name: 'PyIceberg-gcs', version: VERSION, packages: [...packages, 'aiohttp==3.14.5'] })
}
