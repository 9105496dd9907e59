// What a client written in TypeScript makes of the custom scalars. A scalar that is missing here fails the checks:
// whoever adds one decides what it is for clients, too.
export const SCALARS = {
  Date: 'string',
  DateTime: 'string',
  Decimal: 'number',
  LocalDateTime: 'string',
  Upload: 'unknown',
};
