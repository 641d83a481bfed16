/**
 * The types of registers that tests use by name. What stands in them is known by the file that
 * `trapline registers --types` writes, which adds to `DeviceRegisters`.
 */

/** A field: a number, or one of the names that its values have. */
export type FieldOf<Names extends string = never> = Names | bigint

/** What a test writes to fields: any number, or a name. */
export type WrittenFields<Fields> = { [Name in keyof Fields]?: Fields[Name] | number }

export interface ReadableRegister<Fields> {
  /** As one access of its width. Throws if the bus answers with an error. */
  read(): Promise<bigint>
  /** The same, field by field; values that have names by these. */
  readFields(): Promise<Fields>
}

export interface WritableRegister<Fields> {
  /** A number, or fields: those that are left out are written as they are after reset, or 0 where that is not known. */
  write(value: bigint | number | WrittenFields<Fields>): Promise<void>
  /**
   * Reads it, and writes it back with other fields. Bits that a write would do something else with are written so that
   * nothing happens. Throws where a read would do something, or where the register can't be read.
   */
  modify(fields: WrittenFields<Fields>): Promise<void>
}

/** As many of one kind. */
export type RegisterArray<Element, Length extends number> = ReadonlyArray<Element> & { readonly length: Length } & {
  readonly [Index in IndexBelow<Length>]: Element
}

/** 0 to the number that comes before. */
type IndexBelow<Length extends number, Found extends number[] = []> = number extends Length
  ? never
  : Found['length'] extends Length
    ? Found[number]
    : Found['length'] extends 512
      ? number
      : IndexBelow<Length, [...Found, Found['length']]>

/** By device; the file of `trapline registers --types` fills it. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface DeviceRegisters {}

/** All devices where nothing is known of any. */
export type RegisteredDevice = keyof DeviceRegisters extends never ? string : keyof DeviceRegisters

/** Without types: whatever is asked for. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type RegistersOf<Device> = Device extends keyof DeviceRegisters ? DeviceRegisters[Device] : any
