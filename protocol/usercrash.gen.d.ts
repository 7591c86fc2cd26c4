import * as $protobuf from "protobufjs";

/** Namespace usercrash. */
export namespace usercrash {

    /**
     * Properties of a Frame.
     * @deprecated Use usercrash.Frame.$Properties instead.
     */
    interface IFrame extends usercrash.Frame.$Properties {
    }

    /** Represents a Frame. */
    class Frame {

        /**
         * Constructs a new Frame.
         * @param [properties] Properties to set
         */
        constructor(properties?: usercrash.Frame.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Frame version. */
        version: number;

        /** Frame crashEvent. */
        crashEvent?: (usercrash.CrashEvent.$Properties|null);

        /** Frame reportGranted. */
        reportGranted?: (usercrash.ReportGranted.$Properties|null);

        /** Frame captured. */
        captured?: (usercrash.Captured.$Properties|null);

        /** Frame analysisGranted. */
        analysisGranted?: (usercrash.AnalysisGranted.$Properties|null);

        /** Frame analysisDeferred. */
        analysisDeferred?: (usercrash.AnalysisDeferred.$Properties|null);

        /** Frame completed. */
        completed?: (usercrash.Completed.$Properties|null);

        /** Frame aborted. */
        aborted?: (usercrash.Aborted.$Properties|null);

        /** Frame refused. */
        refused?: (usercrash.Refused.$Properties|null);

        /** Frame resumeAnalysis. */
        resumeAnalysis?: (usercrash.ResumeAnalysis.$Properties|null);

        /** Frame published. */
        published?: (usercrash.Published.$Properties|null);

        /** Frame repeats. */
        repeats?: (usercrash.Repeats.$Properties|null);

        /** Frame counted. */
        counted?: (usercrash.Counted.$Properties|null);

        /** Frame body. */
        body?: ("crashEvent"|"reportGranted"|"captured"|"analysisGranted"|"analysisDeferred"|"completed"|"aborted"|"refused"|"resumeAnalysis"|"published"|"repeats"|"counted");

        /**
         * Encodes the specified Frame message. Does not implicitly {@link usercrash.Frame.verify|verify} messages.
         * @param message Frame message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: usercrash.Frame.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Frame message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {usercrash.Frame & usercrash.Frame.$Shape} Frame
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): usercrash.Frame & usercrash.Frame.$Shape;

        /**
         * Gets the type url for Frame
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace Frame {

        /** Properties of a Frame. */
        interface $Properties {

            /** Frame version */
            version?: (number|null);

            /** Frame crashEvent */
            crashEvent?: (usercrash.CrashEvent.$Properties|null);

            /** Frame reportGranted */
            reportGranted?: (usercrash.ReportGranted.$Properties|null);

            /** Frame captured */
            captured?: (usercrash.Captured.$Properties|null);

            /** Frame analysisGranted */
            analysisGranted?: (usercrash.AnalysisGranted.$Properties|null);

            /** Frame analysisDeferred */
            analysisDeferred?: (usercrash.AnalysisDeferred.$Properties|null);

            /** Frame completed */
            completed?: (usercrash.Completed.$Properties|null);

            /** Frame aborted */
            aborted?: (usercrash.Aborted.$Properties|null);

            /** Frame refused */
            refused?: (usercrash.Refused.$Properties|null);

            /** Frame resumeAnalysis */
            resumeAnalysis?: (usercrash.ResumeAnalysis.$Properties|null);

            /** Frame published */
            published?: (usercrash.Published.$Properties|null);

            /** Frame repeats */
            repeats?: (usercrash.Repeats.$Properties|null);

            /** Frame counted */
            counted?: (usercrash.Counted.$Properties|null);

            /** Frame body */
            body?: ("crashEvent"|"reportGranted"|"captured"|"analysisGranted"|"analysisDeferred"|"completed"|"aborted"|"refused"|"resumeAnalysis"|"published"|"repeats"|"counted");

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Narrowed shape of a Frame. */
        type $Shape = {
          version?: number|null;
          crashEvent?: usercrash.CrashEvent.$Shape|null;
          reportGranted?: usercrash.ReportGranted.$Shape|null;
          captured?: usercrash.Captured.$Shape|null;
          analysisGranted?: usercrash.AnalysisGranted.$Shape|null;
          analysisDeferred?: usercrash.AnalysisDeferred.$Shape|null;
          completed?: usercrash.Completed.$Shape|null;
          aborted?: usercrash.Aborted.$Shape|null;
          refused?: usercrash.Refused.$Shape|null;
          resumeAnalysis?: usercrash.ResumeAnalysis.$Shape|null;
          published?: usercrash.Published.$Shape|null;
          repeats?: usercrash.Repeats.$Shape|null;
          counted?: usercrash.Counted.$Shape|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ body?: undefined; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted?: null; refused?: null; resumeAnalysis?: null; published?: null; repeats?: null; counted?: null }|{ body?: "crashEvent"; crashEvent: usercrash.CrashEvent.$Shape; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted?: null; refused?: null; resumeAnalysis?: null; published?: null; repeats?: null; counted?: null }|{ body?: "reportGranted"; crashEvent?: null; reportGranted: usercrash.ReportGranted.$Shape; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted?: null; refused?: null; resumeAnalysis?: null; published?: null; repeats?: null; counted?: null }|{ body?: "captured"; crashEvent?: null; reportGranted?: null; captured: usercrash.Captured.$Shape; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted?: null; refused?: null; resumeAnalysis?: null; published?: null; repeats?: null; counted?: null }|{ body?: "analysisGranted"; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted: usercrash.AnalysisGranted.$Shape; analysisDeferred?: null; completed?: null; aborted?: null; refused?: null; resumeAnalysis?: null; published?: null; repeats?: null; counted?: null }|{ body?: "analysisDeferred"; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred: usercrash.AnalysisDeferred.$Shape; completed?: null; aborted?: null; refused?: null; resumeAnalysis?: null; published?: null; repeats?: null; counted?: null }|{ body?: "completed"; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed: usercrash.Completed.$Shape; aborted?: null; refused?: null; resumeAnalysis?: null; published?: null; repeats?: null; counted?: null }|{ body?: "aborted"; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted: usercrash.Aborted.$Shape; refused?: null; resumeAnalysis?: null; published?: null; repeats?: null; counted?: null }|{ body?: "refused"; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted?: null; refused: usercrash.Refused.$Shape; resumeAnalysis?: null; published?: null; repeats?: null; counted?: null }|{ body?: "resumeAnalysis"; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted?: null; refused?: null; resumeAnalysis: usercrash.ResumeAnalysis.$Shape; published?: null; repeats?: null; counted?: null }|{ body?: "published"; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted?: null; refused?: null; resumeAnalysis?: null; published: usercrash.Published.$Shape; repeats?: null; counted?: null }|{ body?: "repeats"; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted?: null; refused?: null; resumeAnalysis?: null; published?: null; repeats: usercrash.Repeats.$Shape; counted?: null }|{ body?: "counted"; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted?: null; refused?: null; resumeAnalysis?: null; published?: null; repeats?: null; counted: usercrash.Counted.$Shape })
        );
    }

    /**
     * Properties of a CrashEvent.
     * @deprecated Use usercrash.CrashEvent.$Properties instead.
     */
    interface ICrashEvent extends usercrash.CrashEvent.$Properties {
    }

    /** Represents a CrashEvent. */
    class CrashEvent {

        /**
         * Constructs a new CrashEvent.
         * @param [properties] Properties to set
         */
        constructor(properties?: usercrash.CrashEvent.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** CrashEvent crashId. */
        crashId: string;

        /** CrashEvent atUs. */
        atUs: number;

        /** CrashEvent pid. */
        pid: number;

        /** CrashEvent tid. */
        tid: number;

        /** CrashEvent uid. */
        uid: number;

        /** CrashEvent gid. */
        gid: number;

        /** CrashEvent signal. */
        signal: number;

        /** CrashEvent signalCode. */
        signalCode: number;

        /** CrashEvent comm. */
        comm: Uint8Array;

        /** CrashEvent executable. */
        executable: Uint8Array;

        /** CrashEvent quickKey. */
        quickKey: string;

        /** CrashEvent dumpable. */
        dumpable: number;

        /** CrashEvent mode. */
        mode: string;

        /** CrashEvent unit. */
        unit: Uint8Array;

        /** CrashEvent repeatOf. */
        repeatOf: string;

        /** CrashEvent excludedBy. */
        excludedBy: string;

        /**
         * Encodes the specified CrashEvent message. Does not implicitly {@link usercrash.CrashEvent.verify|verify} messages.
         * @param message CrashEvent message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: usercrash.CrashEvent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a CrashEvent message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {usercrash.CrashEvent & usercrash.CrashEvent.$Shape} CrashEvent
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): usercrash.CrashEvent & usercrash.CrashEvent.$Shape;

        /**
         * Gets the type url for CrashEvent
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace CrashEvent {

        /** Properties of a CrashEvent. */
        interface $Properties {

            /** CrashEvent crashId */
            crashId?: (string|null);

            /** CrashEvent atUs */
            atUs?: (number|null);

            /** CrashEvent pid */
            pid?: (number|null);

            /** CrashEvent tid */
            tid?: (number|null);

            /** CrashEvent uid */
            uid?: (number|null);

            /** CrashEvent gid */
            gid?: (number|null);

            /** CrashEvent signal */
            signal?: (number|null);

            /** CrashEvent signalCode */
            signalCode?: (number|null);

            /** CrashEvent comm */
            comm?: (Uint8Array|null);

            /** CrashEvent executable */
            executable?: (Uint8Array|null);

            /** CrashEvent quickKey */
            quickKey?: (string|null);

            /** CrashEvent dumpable */
            dumpable?: (number|null);

            /** CrashEvent mode */
            mode?: (string|null);

            /** CrashEvent unit */
            unit?: (Uint8Array|null);

            /** CrashEvent repeatOf */
            repeatOf?: (string|null);

            /** CrashEvent excludedBy */
            excludedBy?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a CrashEvent. */
        type $Shape = usercrash.CrashEvent.$Properties;
    }

    /**
     * Properties of a ReportGranted.
     * @deprecated Use usercrash.ReportGranted.$Properties instead.
     */
    interface IReportGranted extends usercrash.ReportGranted.$Properties {
    }

    /** Represents a ReportGranted. */
    class ReportGranted {

        /**
         * Constructs a new ReportGranted.
         * @param [properties] Properties to set
         */
        constructor(properties?: usercrash.ReportGranted.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /**
         * Encodes the specified ReportGranted message. Does not implicitly {@link usercrash.ReportGranted.verify|verify} messages.
         * @param message ReportGranted message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: usercrash.ReportGranted.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ReportGranted message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {usercrash.ReportGranted & usercrash.ReportGranted.$Shape} ReportGranted
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): usercrash.ReportGranted & usercrash.ReportGranted.$Shape;

        /**
         * Gets the type url for ReportGranted
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace ReportGranted {

        /** Properties of a ReportGranted. */
        interface $Properties {

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ReportGranted. */
        type $Shape = usercrash.ReportGranted.$Properties;
    }

    /**
     * Properties of a Captured.
     * @deprecated Use usercrash.Captured.$Properties instead.
     */
    interface ICaptured extends usercrash.Captured.$Properties {
    }

    /** Represents a Captured. */
    class Captured {

        /**
         * Constructs a new Captured.
         * @param [properties] Properties to set
         */
        constructor(properties?: usercrash.Captured.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Captured coreBytes. */
        coreBytes: number;

        /** Captured heldMs. */
        heldMs: number;

        /** Captured files. */
        files: usercrash.ModuleFile.$Properties[];

        /**
         * Encodes the specified Captured message. Does not implicitly {@link usercrash.Captured.verify|verify} messages.
         * @param message Captured message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: usercrash.Captured.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Captured message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {usercrash.Captured & usercrash.Captured.$Shape} Captured
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): usercrash.Captured & usercrash.Captured.$Shape;

        /**
         * Gets the type url for Captured
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace Captured {

        /** Properties of a Captured. */
        interface $Properties {

            /** Captured coreBytes */
            coreBytes?: (number|null);

            /** Captured heldMs */
            heldMs?: (number|null);

            /** Captured files */
            files?: (usercrash.ModuleFile.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Captured. */
        type $Shape = usercrash.Captured.$Properties;
    }

    /**
     * Properties of a ModuleFile.
     * @deprecated Use usercrash.ModuleFile.$Properties instead.
     */
    interface IModuleFile extends usercrash.ModuleFile.$Properties {
    }

    /** Represents a ModuleFile. */
    class ModuleFile {

        /**
         * Constructs a new ModuleFile.
         * @param [properties] Properties to set
         */
        constructor(properties?: usercrash.ModuleFile.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** ModuleFile module. */
        module: number;

        /** ModuleFile mayBlock. */
        mayBlock: boolean;

        /** ModuleFile onlyHere. */
        onlyHere: boolean;

        /** ModuleFile place. */
        place: string;

        /**
         * Encodes the specified ModuleFile message. Does not implicitly {@link usercrash.ModuleFile.verify|verify} messages.
         * @param message ModuleFile message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: usercrash.ModuleFile.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ModuleFile message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {usercrash.ModuleFile & usercrash.ModuleFile.$Shape} ModuleFile
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): usercrash.ModuleFile & usercrash.ModuleFile.$Shape;

        /**
         * Gets the type url for ModuleFile
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace ModuleFile {

        /** Properties of a ModuleFile. */
        interface $Properties {

            /** ModuleFile module */
            module?: (number|null);

            /** ModuleFile mayBlock */
            mayBlock?: (boolean|null);

            /** ModuleFile onlyHere */
            onlyHere?: (boolean|null);

            /** ModuleFile place */
            place?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ModuleFile. */
        type $Shape = usercrash.ModuleFile.$Properties;
    }

    /**
     * Properties of an AnalysisGranted.
     * @deprecated Use usercrash.AnalysisGranted.$Properties instead.
     */
    interface IAnalysisGranted extends usercrash.AnalysisGranted.$Properties {
    }

    /** Represents an AnalysisGranted. */
    class AnalysisGranted {

        /**
         * Constructs a new AnalysisGranted.
         * @param [properties] Properties to set
         */
        constructor(properties?: usercrash.AnalysisGranted.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** AnalysisGranted files. */
        files: usercrash.ModuleFile.$Properties[];

        /**
         * Encodes the specified AnalysisGranted message. Does not implicitly {@link usercrash.AnalysisGranted.verify|verify} messages.
         * @param message AnalysisGranted message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: usercrash.AnalysisGranted.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an AnalysisGranted message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {usercrash.AnalysisGranted & usercrash.AnalysisGranted.$Shape} AnalysisGranted
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): usercrash.AnalysisGranted & usercrash.AnalysisGranted.$Shape;

        /**
         * Gets the type url for AnalysisGranted
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace AnalysisGranted {

        /** Properties of an AnalysisGranted. */
        interface $Properties {

            /** AnalysisGranted files */
            files?: (usercrash.ModuleFile.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an AnalysisGranted. */
        type $Shape = usercrash.AnalysisGranted.$Properties;
    }

    /**
     * Properties of an AnalysisDeferred.
     * @deprecated Use usercrash.AnalysisDeferred.$Properties instead.
     */
    interface IAnalysisDeferred extends usercrash.AnalysisDeferred.$Properties {
    }

    /** Represents an AnalysisDeferred. */
    class AnalysisDeferred {

        /**
         * Constructs a new AnalysisDeferred.
         * @param [properties] Properties to set
         */
        constructor(properties?: usercrash.AnalysisDeferred.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** AnalysisDeferred queuedBefore. */
        queuedBefore: number;

        /**
         * Encodes the specified AnalysisDeferred message. Does not implicitly {@link usercrash.AnalysisDeferred.verify|verify} messages.
         * @param message AnalysisDeferred message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: usercrash.AnalysisDeferred.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an AnalysisDeferred message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {usercrash.AnalysisDeferred & usercrash.AnalysisDeferred.$Shape} AnalysisDeferred
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): usercrash.AnalysisDeferred & usercrash.AnalysisDeferred.$Shape;

        /**
         * Gets the type url for AnalysisDeferred
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace AnalysisDeferred {

        /** Properties of an AnalysisDeferred. */
        interface $Properties {

            /** AnalysisDeferred queuedBefore */
            queuedBefore?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an AnalysisDeferred. */
        type $Shape = usercrash.AnalysisDeferred.$Properties;
    }

    /**
     * Properties of a Completed.
     * @deprecated Use usercrash.Completed.$Properties instead.
     */
    interface ICompleted extends usercrash.Completed.$Properties {
    }

    /** Represents a Completed. */
    class Completed {

        /**
         * Constructs a new Completed.
         * @param [properties] Properties to set
         */
        constructor(properties?: usercrash.Completed.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Completed signature. */
        signature: string;

        /** Completed signatureHash. */
        signatureHash: string;

        /** Completed analysisMs. */
        analysisMs: number;

        /** Completed heldMs. */
        heldMs: number;

        /**
         * Encodes the specified Completed message. Does not implicitly {@link usercrash.Completed.verify|verify} messages.
         * @param message Completed message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: usercrash.Completed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Completed message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {usercrash.Completed & usercrash.Completed.$Shape} Completed
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): usercrash.Completed & usercrash.Completed.$Shape;

        /**
         * Gets the type url for Completed
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace Completed {

        /** Properties of a Completed. */
        interface $Properties {

            /** Completed signature */
            signature?: (string|null);

            /** Completed signatureHash */
            signatureHash?: (string|null);

            /** Completed analysisMs */
            analysisMs?: (number|null);

            /** Completed heldMs */
            heldMs?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Completed. */
        type $Shape = usercrash.Completed.$Properties;
    }

    /**
     * Properties of an Aborted.
     * @deprecated Use usercrash.Aborted.$Properties instead.
     */
    interface IAborted extends usercrash.Aborted.$Properties {
    }

    /** Represents an Aborted. */
    class Aborted {

        /**
         * Constructs a new Aborted.
         * @param [properties] Properties to set
         */
        constructor(properties?: usercrash.Aborted.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Aborted reason. */
        reason: string;

        /** Aborted noRoom. */
        noRoom: boolean;

        /**
         * Encodes the specified Aborted message. Does not implicitly {@link usercrash.Aborted.verify|verify} messages.
         * @param message Aborted message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: usercrash.Aborted.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an Aborted message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {usercrash.Aborted & usercrash.Aborted.$Shape} Aborted
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): usercrash.Aborted & usercrash.Aborted.$Shape;

        /**
         * Gets the type url for Aborted
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace Aborted {

        /** Properties of an Aborted. */
        interface $Properties {

            /** Aborted reason */
            reason?: (string|null);

            /** Aborted noRoom */
            noRoom?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an Aborted. */
        type $Shape = usercrash.Aborted.$Properties;
    }

    /**
     * Properties of a Refused.
     * @deprecated Use usercrash.Refused.$Properties instead.
     */
    interface IRefused extends usercrash.Refused.$Properties {
    }

    /** Represents a Refused. */
    class Refused {

        /**
         * Constructs a new Refused.
         * @param [properties] Properties to set
         */
        constructor(properties?: usercrash.Refused.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Refused reason. */
        reason: usercrash.Refused.Reason;

        /** Refused detail. */
        detail: string;

        /** Refused repeatOf. */
        repeatOf: string;

        /** Refused notBeforeMs. */
        notBeforeMs: number;

        /**
         * Encodes the specified Refused message. Does not implicitly {@link usercrash.Refused.verify|verify} messages.
         * @param message Refused message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: usercrash.Refused.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Refused message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {usercrash.Refused & usercrash.Refused.$Shape} Refused
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): usercrash.Refused & usercrash.Refused.$Shape;

        /**
         * Gets the type url for Refused
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace Refused {

        /** Properties of a Refused. */
        interface $Properties {

            /** Refused reason */
            reason?: (usercrash.Refused.Reason|null);

            /** Refused detail */
            detail?: (string|null);

            /** Refused repeatOf */
            repeatOf?: (string|null);

            /** Refused notBeforeMs */
            notBeforeMs?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Refused. */
        type $Shape = usercrash.Refused.$Properties;

        /** Reason enum. */
        enum Reason {

            /** UNKNOWN value */
            UNKNOWN = 0,

            /** FORBIDDEN value */
            FORBIDDEN = 1,

            /** FRAME_TOO_LARGE value */
            FRAME_TOO_LARGE = 2,

            /** MALFORMED value */
            MALFORMED = 3,

            /** UNKNOWN_MESSAGE value */
            UNKNOWN_MESSAGE = 4,

            /** WRONG_STATE value */
            WRONG_STATE = 5,

            /** VERSION value */
            VERSION = 6,

            /** STOPPING value */
            STOPPING = 7,

            /** UNKNOWN_CRASH value */
            UNKNOWN_CRASH = 8,

            /** STORAGE value */
            STORAGE = 9,

            /** TIMEOUT value */
            TIMEOUT = 10,

            /** REPEAT value */
            REPEAT = 11,

            /** BUSY value */
            BUSY = 12,

            /** NO_ROOM value */
            NO_ROOM = 13,

            /** EXCLUDED value */
            EXCLUDED = 14
        }
    }

    /**
     * Properties of a ResumeAnalysis.
     * @deprecated Use usercrash.ResumeAnalysis.$Properties instead.
     */
    interface IResumeAnalysis extends usercrash.ResumeAnalysis.$Properties {
    }

    /** Represents a ResumeAnalysis. */
    class ResumeAnalysis {

        /**
         * Constructs a new ResumeAnalysis.
         * @param [properties] Properties to set
         */
        constructor(properties?: usercrash.ResumeAnalysis.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** ResumeAnalysis crashId. */
        crashId: string;

        /**
         * Encodes the specified ResumeAnalysis message. Does not implicitly {@link usercrash.ResumeAnalysis.verify|verify} messages.
         * @param message ResumeAnalysis message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: usercrash.ResumeAnalysis.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ResumeAnalysis message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {usercrash.ResumeAnalysis & usercrash.ResumeAnalysis.$Shape} ResumeAnalysis
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): usercrash.ResumeAnalysis & usercrash.ResumeAnalysis.$Shape;

        /**
         * Gets the type url for ResumeAnalysis
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace ResumeAnalysis {

        /** Properties of a ResumeAnalysis. */
        interface $Properties {

            /** ResumeAnalysis crashId */
            crashId?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ResumeAnalysis. */
        type $Shape = usercrash.ResumeAnalysis.$Properties;
    }

    /**
     * Properties of a Published.
     * @deprecated Use usercrash.Published.$Properties instead.
     */
    interface IPublished extends usercrash.Published.$Properties {
    }

    /** Represents a Published. */
    class Published {

        /**
         * Constructs a new Published.
         * @param [properties] Properties to set
         */
        constructor(properties?: usercrash.Published.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Published slot. */
        slot: number;

        /** Published textPath. */
        textPath: string;

        /**
         * Encodes the specified Published message. Does not implicitly {@link usercrash.Published.verify|verify} messages.
         * @param message Published message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: usercrash.Published.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Published message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {usercrash.Published & usercrash.Published.$Shape} Published
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): usercrash.Published & usercrash.Published.$Shape;

        /**
         * Gets the type url for Published
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace Published {

        /** Properties of a Published. */
        interface $Properties {

            /** Published slot */
            slot?: (number|null);

            /** Published textPath */
            textPath?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Published. */
        type $Shape = usercrash.Published.$Properties;
    }

    /**
     * Properties of a Repeats.
     * @deprecated Use usercrash.Repeats.$Properties instead.
     */
    interface IRepeats extends usercrash.Repeats.$Properties {
    }

    /** Represents a Repeats. */
    class Repeats {

        /**
         * Constructs a new Repeats.
         * @param [properties] Properties to set
         */
        constructor(properties?: usercrash.Repeats.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Repeats crashes. */
        crashes: usercrash.CrashEvent.$Properties[];

        /**
         * Encodes the specified Repeats message. Does not implicitly {@link usercrash.Repeats.verify|verify} messages.
         * @param message Repeats message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: usercrash.Repeats.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Repeats message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {usercrash.Repeats & usercrash.Repeats.$Shape} Repeats
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): usercrash.Repeats & usercrash.Repeats.$Shape;

        /**
         * Gets the type url for Repeats
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace Repeats {

        /** Properties of a Repeats. */
        interface $Properties {

            /** Repeats crashes */
            crashes?: (usercrash.CrashEvent.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Repeats. */
        type $Shape = usercrash.Repeats.$Properties;
    }

    /**
     * Properties of a Counted.
     * @deprecated Use usercrash.Counted.$Properties instead.
     */
    interface ICounted extends usercrash.Counted.$Properties {
    }

    /** Represents a Counted. */
    class Counted {

        /**
         * Constructs a new Counted.
         * @param [properties] Properties to set
         */
        constructor(properties?: usercrash.Counted.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /**
         * Encodes the specified Counted message. Does not implicitly {@link usercrash.Counted.verify|verify} messages.
         * @param message Counted message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: usercrash.Counted.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Counted message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {usercrash.Counted & usercrash.Counted.$Shape} Counted
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): usercrash.Counted & usercrash.Counted.$Shape;

        /**
         * Gets the type url for Counted
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace Counted {

        /** Properties of a Counted. */
        interface $Properties {

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Counted. */
        type $Shape = usercrash.Counted.$Properties;
    }
}
