import { type Format, isoTime } from "./format.ts";

/** One line a probe, for a terminal: Status, time, name, and for authorised readers what is wrong. */
export const textFormat: Format = {
  mediaType: "text/plain",
  contentType: "text/plain; charset=utf-8",
  render: ({ entries, detailed }) =>
    entries
      .map(({ probe, status, statusTime, fault }) => {
        const line = `${status.padEnd(8)} ${isoTime(statusTime)} ${probe.name}`;
        return detailed && fault !== undefined
          ? `${line}: ${fault.text.replace(/\s+/g, " ")}\n`
          : `${line}\n`;
      })
      .join(""),
};
