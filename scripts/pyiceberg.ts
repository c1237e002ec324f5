import { pythonWith } from './python.ts'

const VERSION = '0.12.0'
const PACKAGES = [
  `pyiceberg[sql-sqlite]==${VERSION}`,
  // The core is what computes partition values when it appends.
  'pyiceberg-core==0.10.1',
  'pyarrow==26.0.1',
  'SQLAlchemy==2.1.9',
]

/** A Python that has PyIceberg (about a minute on first use), as {@link pythonWith} gives it. */
export function pythonWithPyiceberg(): string | null {
  return pythonWith({ name: 'PyIceberg', version: VERSION, packages: PACKAGES })
}

/** One whose requests to an S3 store can be signed by a catalog: that goes by s3fs, not by PyArrow. */
export function pythonWithSigner(): string | null {
  const packages = [...PACKAGES, 's3fs==2026.9.0', 'aiobotocore==3.10.0', 'botocore==1.43.117']
  return pythonWith({ name: 'PyIceberg-s3fs', version: VERSION, packages })
}
