import { TextInput, type TextInputProps } from '@mantine/core'
import { MAX_SCHEDULE_NAME_CHARS } from '@/lib/contract/shapes/plain-values'
import classes from './schedule-table.module.css'

type FieldProps = Omit<TextInputProps, 'value' | 'onChange'> & { value: string; onChange: (value: string) => void }

/** The name that a user gives to work that is repeated. */
export function ScheduleNameField({ onChange, ...props }: FieldProps) {
  return (
    <TextInput
      label="Name"
      maxLength={MAX_SCHEDULE_NAME_CHARS}
      autoComplete="off"
      {...props}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

/** The server says why an expression is invalid. */
export function CronField({ onChange, ...props }: FieldProps) {
  return (
    <TextInput
      label="Cron expression"
      description="minute, hour, day, month, day of the week"
      autoComplete="off"
      spellCheck={false}
      classNames={{ input: classes.cron ?? '' }}
      {...props}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

export function TimeZoneField({ onChange, ...props }: FieldProps) {
  return (
    <TextInput
      label="Time zone"
      autoComplete="off"
      spellCheck={false}
      {...props}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
