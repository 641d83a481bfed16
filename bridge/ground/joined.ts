/** One pattern, written on several lines: it matches what matches the parts one after the other. */
export function joined(parts: RegExp[], flags = ''): RegExp {
  return new RegExp(parts.map(({ source }) => source).join(''), flags)
}
