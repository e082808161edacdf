/** A text field of a form; empty if it is missing, or anything but text. */
export function field(form: unknown, name: string): string {
  if (typeof form !== 'object' || form === null || !Object.hasOwn(form, name)) return ''
  const value = (form as Record<string, unknown>)[name]
  return typeof value === 'string' ? value : ''
}
