export declare class FakeClock {
    constructor(startMs?: number);
    now(): number;
    monotonicMs(): number;
    wall(): number;
    wallMs(monotonicMs: number): number;
    random(): number;
    after(delayMs: number, callback: () => void): () => void;
    advance(ms: number): Promise<void>;
    moveWall(ms: number): void;
}
