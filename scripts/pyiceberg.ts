import { pythonWith } from './python.ts'

const VERSION = '0.12.0'

/** A Python that has PyIceberg (about a minute on first use), as {@link pythonWith} gives it. */
export function pythonWithPyiceberg(): string | null {
  return pythonWith({
    name: 'PyIceberg',
    version: VERSION,
    packages: [
      `pyiceberg[sql-sqlite]==${VERSION}`,
      // The core is what computes partition values when it appends.
      'pyiceberg-core==0.10.1',
      'pyarrow==26.0.1',
      'SQLAlchemy==2.1.9',
    ],
  })
}
