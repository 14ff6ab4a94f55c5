/** Offsets of a batch as its header tells them. */
export interface OffsetRange {
  readonly first: bigint;
  readonly last: bigint;
  readonly count: number;
}

/** Why records cannot be read; the decoders throw this and nothing else. */
export class UnreadableRecords extends Error {}

/** A batch that not even stand-ins can be made for, because kafkajs cannot take so many records. It ends the consumer. */
export class OversizedBatch extends Error {
  /** kafkajs asks: trying again is no use. */
  readonly retriable = false;
  readonly range: OffsetRange;
  constructor(range: OffsetRange, maxRecords: number) {
    super(`a batch holds ${range.count} records; accepted: ${maxRecords}`);
    this.name = "OversizedBatch";
    this.range = range;
  }
}
