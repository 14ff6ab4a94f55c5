/**
 * Which id an event gets (rule-language.md, Identity): what the sender named the input, else the normalizer's id, else
 * the transport's position, else a new UUIDv7. An id that names an input of several events gets `#n`, n from 0.
 */
export interface IdSources {
  /** Idempotency-Key of the input. */
  readonly inputId: string | undefined;
  /** The normalizer's id of this one event. */
  readonly draftId: string | undefined;
  /** Topic, partition, offset, record time: names the input. */
  readonly positionId: string | undefined;
  /** Position of the event among the input's, and how many there are. */
  readonly index: number;
  readonly count: number;
}

/** `undefined`: nobody named it, a UUIDv7 must be made. */
export function eventId(sources: IdSources): string | undefined {
  const { inputId, draftId, positionId } = sources;
  if (inputId) return ofInput(inputId, sources);
  if (draftId) return draftId;
  return positionId ? ofInput(positionId, sources) : undefined;
}

const ofInput = (id: string, { index, count }: IdSources): string => (count > 1 ? `${id}#${index}` : id);
