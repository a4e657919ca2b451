// A parsed YAML document that still knows where everything stood, so that an error can name file, line and key.

/** A scalar as typed by the compose rules; bigint where a double would lose digits. */
export type YamlScalarValue = string | number | bigint | boolean | null;

export interface YamlPosition {
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
}

export type YamlNode =
  | {
      readonly kind: "scalar";
      readonly value: YamlScalarValue;
      /** The text as written, after unquoting; what interpolation works on. */
      readonly text: string;
      readonly at: YamlPosition;
      /** An explicit tag such as `!reset`, `!!timestamp` for an unquoted date, else null. */
      readonly tag: string | null;
    }
  | {
      readonly kind: "sequence";
      readonly items: readonly YamlNode[];
      readonly at: YamlPosition;
      readonly tag: string | null;
    }
  | {
      readonly kind: "mapping";
      readonly entries: readonly YamlEntry[];
      readonly at: YamlPosition;
      readonly tag: string | null;
    };

export interface YamlEntry {
  readonly key: string;
  readonly keyAt: YamlPosition;
  readonly value: YamlNode;
}

/** Parses one YAML stream; throws BoardhandError E_COMPOSE (or E_CONFIG) with the place. */
export type ParseYaml = (text: string, file: string) => readonly YamlNode[];
