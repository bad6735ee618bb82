/** The path of a service's route of this number. */
export const growthPath = (index: number, id: string): string => `/v1/resources-${index}/accounts/${id}`;
