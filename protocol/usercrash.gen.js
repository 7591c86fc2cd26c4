/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["default"] || ($protobuf.roots["default"] = {});

export const usercrash = $root.usercrash = (() => {

    /**
     * Namespace usercrash.
     * @exports usercrash
     * @namespace
     */
    const usercrash = {};

    usercrash.Frame = (function() {

        /**
         * Properties of a Frame.
         * @typedef {Object} usercrash.Frame.$Properties
         * @property {number|null} [version] Frame version
         * @property {usercrash.CrashEvent.$Properties|null} [crashEvent] Frame crashEvent
         * @property {usercrash.ReportGranted.$Properties|null} [reportGranted] Frame reportGranted
         * @property {usercrash.Captured.$Properties|null} [captured] Frame captured
         * @property {usercrash.AnalysisGranted.$Properties|null} [analysisGranted] Frame analysisGranted
         * @property {usercrash.AnalysisDeferred.$Properties|null} [analysisDeferred] Frame analysisDeferred
         * @property {usercrash.Completed.$Properties|null} [completed] Frame completed
         * @property {usercrash.Aborted.$Properties|null} [aborted] Frame aborted
         * @property {usercrash.Refused.$Properties|null} [refused] Frame refused
         * @property {usercrash.ResumeAnalysis.$Properties|null} [resumeAnalysis] Frame resumeAnalysis
         * @property {usercrash.Published.$Properties|null} [published] Frame published
         * @property {usercrash.Repeats.$Properties|null} [repeats] Frame repeats
         * @property {usercrash.Counted.$Properties|null} [counted] Frame counted
         * @property {"crashEvent"|"reportGranted"|"captured"|"analysisGranted"|"analysisDeferred"|"completed"|"aborted"|"refused"|"resumeAnalysis"|"published"|"repeats"|"counted"} [body] Frame body
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Frame.
         * @memberof usercrash
         * @interface IFrame
         * @augments usercrash.Frame.$Properties
         * @deprecated Use usercrash.Frame.$Properties instead.
         */

        /**
         * Narrowed shape of a Frame.
         * @typedef {{
         *   version?: number|null;
         *   crashEvent?: usercrash.CrashEvent.$Shape|null;
         *   reportGranted?: usercrash.ReportGranted.$Shape|null;
         *   captured?: usercrash.Captured.$Shape|null;
         *   analysisGranted?: usercrash.AnalysisGranted.$Shape|null;
         *   analysisDeferred?: usercrash.AnalysisDeferred.$Shape|null;
         *   completed?: usercrash.Completed.$Shape|null;
         *   aborted?: usercrash.Aborted.$Shape|null;
         *   refused?: usercrash.Refused.$Shape|null;
         *   resumeAnalysis?: usercrash.ResumeAnalysis.$Shape|null;
         *   published?: usercrash.Published.$Shape|null;
         *   repeats?: usercrash.Repeats.$Shape|null;
         *   counted?: usercrash.Counted.$Shape|null;
         *   $unknowns?: Array.<Uint8Array>;
         * } & (
         *   ({ body?: undefined; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted?: null; refused?: null; resumeAnalysis?: null; published?: null; repeats?: null; counted?: null }|{ body?: "crashEvent"; crashEvent: usercrash.CrashEvent.$Shape; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted?: null; refused?: null; resumeAnalysis?: null; published?: null; repeats?: null; counted?: null }|{ body?: "reportGranted"; crashEvent?: null; reportGranted: usercrash.ReportGranted.$Shape; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted?: null; refused?: null; resumeAnalysis?: null; published?: null; repeats?: null; counted?: null }|{ body?: "captured"; crashEvent?: null; reportGranted?: null; captured: usercrash.Captured.$Shape; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted?: null; refused?: null; resumeAnalysis?: null; published?: null; repeats?: null; counted?: null }|{ body?: "analysisGranted"; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted: usercrash.AnalysisGranted.$Shape; analysisDeferred?: null; completed?: null; aborted?: null; refused?: null; resumeAnalysis?: null; published?: null; repeats?: null; counted?: null }|{ body?: "analysisDeferred"; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred: usercrash.AnalysisDeferred.$Shape; completed?: null; aborted?: null; refused?: null; resumeAnalysis?: null; published?: null; repeats?: null; counted?: null }|{ body?: "completed"; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed: usercrash.Completed.$Shape; aborted?: null; refused?: null; resumeAnalysis?: null; published?: null; repeats?: null; counted?: null }|{ body?: "aborted"; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted: usercrash.Aborted.$Shape; refused?: null; resumeAnalysis?: null; published?: null; repeats?: null; counted?: null }|{ body?: "refused"; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted?: null; refused: usercrash.Refused.$Shape; resumeAnalysis?: null; published?: null; repeats?: null; counted?: null }|{ body?: "resumeAnalysis"; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted?: null; refused?: null; resumeAnalysis: usercrash.ResumeAnalysis.$Shape; published?: null; repeats?: null; counted?: null }|{ body?: "published"; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted?: null; refused?: null; resumeAnalysis?: null; published: usercrash.Published.$Shape; repeats?: null; counted?: null }|{ body?: "repeats"; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted?: null; refused?: null; resumeAnalysis?: null; published?: null; repeats: usercrash.Repeats.$Shape; counted?: null }|{ body?: "counted"; crashEvent?: null; reportGranted?: null; captured?: null; analysisGranted?: null; analysisDeferred?: null; completed?: null; aborted?: null; refused?: null; resumeAnalysis?: null; published?: null; repeats?: null; counted: usercrash.Counted.$Shape })
         * )} usercrash.Frame.$Shape
         */

        /**
         * Constructs a new Frame.
         * @memberof usercrash
         * @classdesc Represents a Frame.
         * @constructor
         * @param {usercrash.Frame.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Frame = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Frame version.
         * @member {number} version
         * @memberof usercrash.Frame
         * @instance
         */
        Frame.prototype.version = 0;

        /**
         * Frame crashEvent.
         * @member {usercrash.CrashEvent.$Properties|null|undefined} crashEvent
         * @memberof usercrash.Frame
         * @instance
         */
        Frame.prototype.crashEvent = null;

        /**
         * Frame reportGranted.
         * @member {usercrash.ReportGranted.$Properties|null|undefined} reportGranted
         * @memberof usercrash.Frame
         * @instance
         */
        Frame.prototype.reportGranted = null;

        /**
         * Frame captured.
         * @member {usercrash.Captured.$Properties|null|undefined} captured
         * @memberof usercrash.Frame
         * @instance
         */
        Frame.prototype.captured = null;

        /**
         * Frame analysisGranted.
         * @member {usercrash.AnalysisGranted.$Properties|null|undefined} analysisGranted
         * @memberof usercrash.Frame
         * @instance
         */
        Frame.prototype.analysisGranted = null;

        /**
         * Frame analysisDeferred.
         * @member {usercrash.AnalysisDeferred.$Properties|null|undefined} analysisDeferred
         * @memberof usercrash.Frame
         * @instance
         */
        Frame.prototype.analysisDeferred = null;

        /**
         * Frame completed.
         * @member {usercrash.Completed.$Properties|null|undefined} completed
         * @memberof usercrash.Frame
         * @instance
         */
        Frame.prototype.completed = null;

        /**
         * Frame aborted.
         * @member {usercrash.Aborted.$Properties|null|undefined} aborted
         * @memberof usercrash.Frame
         * @instance
         */
        Frame.prototype.aborted = null;

        /**
         * Frame refused.
         * @member {usercrash.Refused.$Properties|null|undefined} refused
         * @memberof usercrash.Frame
         * @instance
         */
        Frame.prototype.refused = null;

        /**
         * Frame resumeAnalysis.
         * @member {usercrash.ResumeAnalysis.$Properties|null|undefined} resumeAnalysis
         * @memberof usercrash.Frame
         * @instance
         */
        Frame.prototype.resumeAnalysis = null;

        /**
         * Frame published.
         * @member {usercrash.Published.$Properties|null|undefined} published
         * @memberof usercrash.Frame
         * @instance
         */
        Frame.prototype.published = null;

        /**
         * Frame repeats.
         * @member {usercrash.Repeats.$Properties|null|undefined} repeats
         * @memberof usercrash.Frame
         * @instance
         */
        Frame.prototype.repeats = null;

        /**
         * Frame counted.
         * @member {usercrash.Counted.$Properties|null|undefined} counted
         * @memberof usercrash.Frame
         * @instance
         */
        Frame.prototype.counted = null;

        // OneOf field names bound to virtual getters and setters
        let $oneOfFields;

        /**
         * Frame body.
         * @member {"crashEvent"|"reportGranted"|"captured"|"analysisGranted"|"analysisDeferred"|"completed"|"aborted"|"refused"|"resumeAnalysis"|"published"|"repeats"|"counted"|undefined} body
         * @memberof usercrash.Frame
         * @instance
         */
        $Object.defineProperty(Frame.prototype, "body", {
            get: $util.oneOfGetter($oneOfFields = ["crashEvent", "reportGranted", "captured", "analysisGranted", "analysisDeferred", "completed", "aborted", "refused", "resumeAnalysis", "published", "repeats", "counted"]),
            set: $util.oneOfSetter($oneOfFields)
        });

        /**
         * Encodes the specified Frame message. Does not implicitly {@link usercrash.Frame.verify|verify} messages.
         * @function encode
         * @memberof usercrash.Frame
         * @static
         * @param {usercrash.Frame.$Properties} message Frame message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Frame.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.version != null && $Object.hasOwnProperty.call(message, "version") && message.version !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.version);
            if (message.crashEvent != null && $Object.hasOwnProperty.call(message, "crashEvent"))
                $root.usercrash.CrashEvent.encode(message.crashEvent, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.reportGranted != null && $Object.hasOwnProperty.call(message, "reportGranted"))
                $root.usercrash.ReportGranted.encode(message.reportGranted, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
            if (message.captured != null && $Object.hasOwnProperty.call(message, "captured"))
                $root.usercrash.Captured.encode(message.captured, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
            if (message.analysisGranted != null && $Object.hasOwnProperty.call(message, "analysisGranted"))
                $root.usercrash.AnalysisGranted.encode(message.analysisGranted, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
            if (message.analysisDeferred != null && $Object.hasOwnProperty.call(message, "analysisDeferred"))
                $root.usercrash.AnalysisDeferred.encode(message.analysisDeferred, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
            if (message.completed != null && $Object.hasOwnProperty.call(message, "completed"))
                $root.usercrash.Completed.encode(message.completed, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
            if (message.aborted != null && $Object.hasOwnProperty.call(message, "aborted"))
                $root.usercrash.Aborted.encode(message.aborted, writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
            if (message.refused != null && $Object.hasOwnProperty.call(message, "refused"))
                $root.usercrash.Refused.encode(message.refused, writer.uint32(/* id 9, wireType 2 =*/74).fork(), _depth + 1).ldelim();
            if (message.resumeAnalysis != null && $Object.hasOwnProperty.call(message, "resumeAnalysis"))
                $root.usercrash.ResumeAnalysis.encode(message.resumeAnalysis, writer.uint32(/* id 10, wireType 2 =*/82).fork(), _depth + 1).ldelim();
            if (message.published != null && $Object.hasOwnProperty.call(message, "published"))
                $root.usercrash.Published.encode(message.published, writer.uint32(/* id 11, wireType 2 =*/90).fork(), _depth + 1).ldelim();
            if (message.repeats != null && $Object.hasOwnProperty.call(message, "repeats"))
                $root.usercrash.Repeats.encode(message.repeats, writer.uint32(/* id 12, wireType 2 =*/98).fork(), _depth + 1).ldelim();
            if (message.counted != null && $Object.hasOwnProperty.call(message, "counted"))
                $root.usercrash.Counted.encode(message.counted, writer.uint32(/* id 13, wireType 2 =*/106).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Frame message from the specified reader or buffer.
         * @function decode
         * @memberof usercrash.Frame
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {usercrash.Frame & usercrash.Frame.$Shape} Frame
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Frame.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.usercrash.Frame();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.version = value;
                        else
                            delete message.version;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        message.crashEvent = $root.usercrash.CrashEvent.decode(reader, reader.size(), $undefined, _depth + 1, message.crashEvent);
                        message.body = "crashEvent";
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        message.reportGranted = $root.usercrash.ReportGranted.decode(reader, reader.size(), $undefined, _depth + 1, message.reportGranted);
                        message.body = "reportGranted";
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        message.captured = $root.usercrash.Captured.decode(reader, reader.size(), $undefined, _depth + 1, message.captured);
                        message.body = "captured";
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        message.analysisGranted = $root.usercrash.AnalysisGranted.decode(reader, reader.size(), $undefined, _depth + 1, message.analysisGranted);
                        message.body = "analysisGranted";
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        message.analysisDeferred = $root.usercrash.AnalysisDeferred.decode(reader, reader.size(), $undefined, _depth + 1, message.analysisDeferred);
                        message.body = "analysisDeferred";
                        continue;
                    }
                case 7: {
                        if (wireType !== 2)
                            break;
                        message.completed = $root.usercrash.Completed.decode(reader, reader.size(), $undefined, _depth + 1, message.completed);
                        message.body = "completed";
                        continue;
                    }
                case 8: {
                        if (wireType !== 2)
                            break;
                        message.aborted = $root.usercrash.Aborted.decode(reader, reader.size(), $undefined, _depth + 1, message.aborted);
                        message.body = "aborted";
                        continue;
                    }
                case 9: {
                        if (wireType !== 2)
                            break;
                        message.refused = $root.usercrash.Refused.decode(reader, reader.size(), $undefined, _depth + 1, message.refused);
                        message.body = "refused";
                        continue;
                    }
                case 10: {
                        if (wireType !== 2)
                            break;
                        message.resumeAnalysis = $root.usercrash.ResumeAnalysis.decode(reader, reader.size(), $undefined, _depth + 1, message.resumeAnalysis);
                        message.body = "resumeAnalysis";
                        continue;
                    }
                case 11: {
                        if (wireType !== 2)
                            break;
                        message.published = $root.usercrash.Published.decode(reader, reader.size(), $undefined, _depth + 1, message.published);
                        message.body = "published";
                        continue;
                    }
                case 12: {
                        if (wireType !== 2)
                            break;
                        message.repeats = $root.usercrash.Repeats.decode(reader, reader.size(), $undefined, _depth + 1, message.repeats);
                        message.body = "repeats";
                        continue;
                    }
                case 13: {
                        if (wireType !== 2)
                            break;
                        message.counted = $root.usercrash.Counted.decode(reader, reader.size(), $undefined, _depth + 1, message.counted);
                        message.body = "counted";
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Gets the type url for Frame
         * @function getTypeUrl
         * @memberof usercrash.Frame
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        Frame.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/usercrash.Frame";
        };

        return Frame;
    })();

    usercrash.CrashEvent = (function() {

        /**
         * Properties of a CrashEvent.
         * @typedef {Object} usercrash.CrashEvent.$Properties
         * @property {string|null} [crashId] CrashEvent crashId
         * @property {number|null} [atUs] CrashEvent atUs
         * @property {number|null} [pid] CrashEvent pid
         * @property {number|null} [tid] CrashEvent tid
         * @property {number|null} [uid] CrashEvent uid
         * @property {number|null} [gid] CrashEvent gid
         * @property {number|null} [signal] CrashEvent signal
         * @property {number|null} [signalCode] CrashEvent signalCode
         * @property {Uint8Array|null} [comm] CrashEvent comm
         * @property {Uint8Array|null} [executable] CrashEvent executable
         * @property {string|null} [quickKey] CrashEvent quickKey
         * @property {number|null} [dumpable] CrashEvent dumpable
         * @property {string|null} [mode] CrashEvent mode
         * @property {Uint8Array|null} [unit] CrashEvent unit
         * @property {string|null} [repeatOf] CrashEvent repeatOf
         * @property {string|null} [excludedBy] CrashEvent excludedBy
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a CrashEvent.
         * @memberof usercrash
         * @interface ICrashEvent
         * @augments usercrash.CrashEvent.$Properties
         * @deprecated Use usercrash.CrashEvent.$Properties instead.
         */

        /**
         * Shape of a CrashEvent.
         * @typedef {usercrash.CrashEvent.$Properties} usercrash.CrashEvent.$Shape
         */

        /**
         * Constructs a new CrashEvent.
         * @memberof usercrash
         * @classdesc Represents a CrashEvent.
         * @constructor
         * @param {usercrash.CrashEvent.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const CrashEvent = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * CrashEvent crashId.
         * @member {string} crashId
         * @memberof usercrash.CrashEvent
         * @instance
         */
        CrashEvent.prototype.crashId = "";

        /**
         * CrashEvent atUs.
         * @member {number} atUs
         * @memberof usercrash.CrashEvent
         * @instance
         */
        CrashEvent.prototype.atUs = 0;

        /**
         * CrashEvent pid.
         * @member {number} pid
         * @memberof usercrash.CrashEvent
         * @instance
         */
        CrashEvent.prototype.pid = 0;

        /**
         * CrashEvent tid.
         * @member {number} tid
         * @memberof usercrash.CrashEvent
         * @instance
         */
        CrashEvent.prototype.tid = 0;

        /**
         * CrashEvent uid.
         * @member {number} uid
         * @memberof usercrash.CrashEvent
         * @instance
         */
        CrashEvent.prototype.uid = 0;

        /**
         * CrashEvent gid.
         * @member {number} gid
         * @memberof usercrash.CrashEvent
         * @instance
         */
        CrashEvent.prototype.gid = 0;

        /**
         * CrashEvent signal.
         * @member {number} signal
         * @memberof usercrash.CrashEvent
         * @instance
         */
        CrashEvent.prototype.signal = 0;

        /**
         * CrashEvent signalCode.
         * @member {number} signalCode
         * @memberof usercrash.CrashEvent
         * @instance
         */
        CrashEvent.prototype.signalCode = 0;

        /**
         * CrashEvent comm.
         * @member {Uint8Array} comm
         * @memberof usercrash.CrashEvent
         * @instance
         */
        CrashEvent.prototype.comm = $util.newBuffer([]);

        /**
         * CrashEvent executable.
         * @member {Uint8Array} executable
         * @memberof usercrash.CrashEvent
         * @instance
         */
        CrashEvent.prototype.executable = $util.newBuffer([]);

        /**
         * CrashEvent quickKey.
         * @member {string} quickKey
         * @memberof usercrash.CrashEvent
         * @instance
         */
        CrashEvent.prototype.quickKey = "";

        /**
         * CrashEvent dumpable.
         * @member {number} dumpable
         * @memberof usercrash.CrashEvent
         * @instance
         */
        CrashEvent.prototype.dumpable = 0;

        /**
         * CrashEvent mode.
         * @member {string} mode
         * @memberof usercrash.CrashEvent
         * @instance
         */
        CrashEvent.prototype.mode = "";

        /**
         * CrashEvent unit.
         * @member {Uint8Array} unit
         * @memberof usercrash.CrashEvent
         * @instance
         */
        CrashEvent.prototype.unit = $util.newBuffer([]);

        /**
         * CrashEvent repeatOf.
         * @member {string} repeatOf
         * @memberof usercrash.CrashEvent
         * @instance
         */
        CrashEvent.prototype.repeatOf = "";

        /**
         * CrashEvent excludedBy.
         * @member {string} excludedBy
         * @memberof usercrash.CrashEvent
         * @instance
         */
        CrashEvent.prototype.excludedBy = "";

        /**
         * Encodes the specified CrashEvent message. Does not implicitly {@link usercrash.CrashEvent.verify|verify} messages.
         * @function encode
         * @memberof usercrash.CrashEvent
         * @static
         * @param {usercrash.CrashEvent.$Properties} message CrashEvent message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        CrashEvent.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.crashId != null && $Object.hasOwnProperty.call(message, "crashId") && message.crashId !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.crashId);
            if (message.atUs != null && $Object.hasOwnProperty.call(message, "atUs") && !$Object.is(message.atUs, 0))
                writer.uint32(/* id 2, wireType 1 =*/17).double(message.atUs);
            if (message.pid != null && $Object.hasOwnProperty.call(message, "pid") && message.pid !== 0)
                writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.pid);
            if (message.tid != null && $Object.hasOwnProperty.call(message, "tid") && message.tid !== 0)
                writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.tid);
            if (message.uid != null && $Object.hasOwnProperty.call(message, "uid") && message.uid !== 0)
                writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.uid);
            if (message.gid != null && $Object.hasOwnProperty.call(message, "gid") && message.gid !== 0)
                writer.uint32(/* id 6, wireType 0 =*/48).uint32(message.gid);
            if (message.signal != null && $Object.hasOwnProperty.call(message, "signal") && message.signal !== 0)
                writer.uint32(/* id 7, wireType 0 =*/56).uint32(message.signal);
            if (message.signalCode != null && $Object.hasOwnProperty.call(message, "signalCode") && message.signalCode !== 0)
                writer.uint32(/* id 8, wireType 0 =*/64).sint32(message.signalCode);
            if (message.comm != null && $Object.hasOwnProperty.call(message, "comm") && message.comm.length)
                writer.uint32(/* id 9, wireType 2 =*/74).bytes(message.comm);
            if (message.executable != null && $Object.hasOwnProperty.call(message, "executable") && message.executable.length)
                writer.uint32(/* id 10, wireType 2 =*/82).bytes(message.executable);
            if (message.quickKey != null && $Object.hasOwnProperty.call(message, "quickKey") && message.quickKey !== "")
                writer.uint32(/* id 11, wireType 2 =*/90).string(message.quickKey);
            if (message.dumpable != null && $Object.hasOwnProperty.call(message, "dumpable") && message.dumpable !== 0)
                writer.uint32(/* id 12, wireType 0 =*/96).uint32(message.dumpable);
            if (message.mode != null && $Object.hasOwnProperty.call(message, "mode") && message.mode !== "")
                writer.uint32(/* id 13, wireType 2 =*/106).string(message.mode);
            if (message.unit != null && $Object.hasOwnProperty.call(message, "unit") && message.unit.length)
                writer.uint32(/* id 14, wireType 2 =*/114).bytes(message.unit);
            if (message.repeatOf != null && $Object.hasOwnProperty.call(message, "repeatOf") && message.repeatOf !== "")
                writer.uint32(/* id 15, wireType 2 =*/122).string(message.repeatOf);
            if (message.excludedBy != null && $Object.hasOwnProperty.call(message, "excludedBy") && message.excludedBy !== "")
                writer.uint32(/* id 16, wireType 2 =*/130).string(message.excludedBy);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a CrashEvent message from the specified reader or buffer.
         * @function decode
         * @memberof usercrash.CrashEvent
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {usercrash.CrashEvent & usercrash.CrashEvent.$Shape} CrashEvent
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        CrashEvent.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.usercrash.CrashEvent();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.crashId = value;
                        else
                            delete message.crashId;
                        continue;
                    }
                case 2: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.atUs = value;
                        else
                            delete message.atUs;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.pid = value;
                        else
                            delete message.pid;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.tid = value;
                        else
                            delete message.tid;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.uid = value;
                        else
                            delete message.uid;
                        continue;
                    }
                case 6: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.gid = value;
                        else
                            delete message.gid;
                        continue;
                    }
                case 7: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.signal = value;
                        else
                            delete message.signal;
                        continue;
                    }
                case 8: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.sint32())
                            message.signalCode = value;
                        else
                            delete message.signalCode;
                        continue;
                    }
                case 9: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.comm = value;
                        else
                            delete message.comm;
                        continue;
                    }
                case 10: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.executable = value;
                        else
                            delete message.executable;
                        continue;
                    }
                case 11: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.quickKey = value;
                        else
                            delete message.quickKey;
                        continue;
                    }
                case 12: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.dumpable = value;
                        else
                            delete message.dumpable;
                        continue;
                    }
                case 13: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.mode = value;
                        else
                            delete message.mode;
                        continue;
                    }
                case 14: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.unit = value;
                        else
                            delete message.unit;
                        continue;
                    }
                case 15: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.repeatOf = value;
                        else
                            delete message.repeatOf;
                        continue;
                    }
                case 16: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.excludedBy = value;
                        else
                            delete message.excludedBy;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Gets the type url for CrashEvent
         * @function getTypeUrl
         * @memberof usercrash.CrashEvent
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        CrashEvent.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/usercrash.CrashEvent";
        };

        return CrashEvent;
    })();

    usercrash.ReportGranted = (function() {

        /**
         * Properties of a ReportGranted.
         * @typedef {Object} usercrash.ReportGranted.$Properties
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a ReportGranted.
         * @memberof usercrash
         * @interface IReportGranted
         * @augments usercrash.ReportGranted.$Properties
         * @deprecated Use usercrash.ReportGranted.$Properties instead.
         */

        /**
         * Shape of a ReportGranted.
         * @typedef {usercrash.ReportGranted.$Properties} usercrash.ReportGranted.$Shape
         */

        /**
         * Constructs a new ReportGranted.
         * @memberof usercrash
         * @classdesc Represents a ReportGranted.
         * @constructor
         * @param {usercrash.ReportGranted.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const ReportGranted = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Encodes the specified ReportGranted message. Does not implicitly {@link usercrash.ReportGranted.verify|verify} messages.
         * @function encode
         * @memberof usercrash.ReportGranted
         * @static
         * @param {usercrash.ReportGranted.$Properties} message ReportGranted message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        ReportGranted.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a ReportGranted message from the specified reader or buffer.
         * @function decode
         * @memberof usercrash.ReportGranted
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {usercrash.ReportGranted & usercrash.ReportGranted.$Shape} ReportGranted
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        ReportGranted.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.usercrash.ReportGranted();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                reader.skipType(tag & 7, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Gets the type url for ReportGranted
         * @function getTypeUrl
         * @memberof usercrash.ReportGranted
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        ReportGranted.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/usercrash.ReportGranted";
        };

        return ReportGranted;
    })();

    usercrash.Captured = (function() {

        /**
         * Properties of a Captured.
         * @typedef {Object} usercrash.Captured.$Properties
         * @property {number|null} [coreBytes] Captured coreBytes
         * @property {number|null} [heldMs] Captured heldMs
         * @property {Array.<usercrash.ModuleFile.$Properties>|null} [files] Captured files
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Captured.
         * @memberof usercrash
         * @interface ICaptured
         * @augments usercrash.Captured.$Properties
         * @deprecated Use usercrash.Captured.$Properties instead.
         */

        /**
         * Shape of a Captured.
         * @typedef {usercrash.Captured.$Properties} usercrash.Captured.$Shape
         */

        /**
         * Constructs a new Captured.
         * @memberof usercrash
         * @classdesc Represents a Captured.
         * @constructor
         * @param {usercrash.Captured.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Captured = function (properties) {
            this.files = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Captured coreBytes.
         * @member {number} coreBytes
         * @memberof usercrash.Captured
         * @instance
         */
        Captured.prototype.coreBytes = 0;

        /**
         * Captured heldMs.
         * @member {number} heldMs
         * @memberof usercrash.Captured
         * @instance
         */
        Captured.prototype.heldMs = 0;

        /**
         * Captured files.
         * @member {Array.<usercrash.ModuleFile.$Properties>} files
         * @memberof usercrash.Captured
         * @instance
         */
        Captured.prototype.files = $util.emptyArray;

        /**
         * Encodes the specified Captured message. Does not implicitly {@link usercrash.Captured.verify|verify} messages.
         * @function encode
         * @memberof usercrash.Captured
         * @static
         * @param {usercrash.Captured.$Properties} message Captured message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Captured.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.coreBytes != null && $Object.hasOwnProperty.call(message, "coreBytes") && !$Object.is(message.coreBytes, 0))
                writer.uint32(/* id 1, wireType 1 =*/9).double(message.coreBytes);
            if (message.heldMs != null && $Object.hasOwnProperty.call(message, "heldMs") && !$Object.is(message.heldMs, 0))
                writer.uint32(/* id 2, wireType 1 =*/17).double(message.heldMs);
            if (message.files != null && message.files.length)
                for (let i = 0; i < message.files.length; ++i)
                    $root.usercrash.ModuleFile.encode(message.files[i], writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Captured message from the specified reader or buffer.
         * @function decode
         * @memberof usercrash.Captured
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {usercrash.Captured & usercrash.Captured.$Shape} Captured
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Captured.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.usercrash.Captured();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.coreBytes = value;
                        else
                            delete message.coreBytes;
                        continue;
                    }
                case 2: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.heldMs = value;
                        else
                            delete message.heldMs;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if (!(message.files && message.files.length))
                            message.files = [];
                        message.files.push($root.usercrash.ModuleFile.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Gets the type url for Captured
         * @function getTypeUrl
         * @memberof usercrash.Captured
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        Captured.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/usercrash.Captured";
        };

        return Captured;
    })();

    usercrash.ModuleFile = (function() {

        /**
         * Properties of a ModuleFile.
         * @typedef {Object} usercrash.ModuleFile.$Properties
         * @property {number|null} [module] ModuleFile module
         * @property {boolean|null} [mayBlock] ModuleFile mayBlock
         * @property {boolean|null} [onlyHere] ModuleFile onlyHere
         * @property {string|null} [place] ModuleFile place
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a ModuleFile.
         * @memberof usercrash
         * @interface IModuleFile
         * @augments usercrash.ModuleFile.$Properties
         * @deprecated Use usercrash.ModuleFile.$Properties instead.
         */

        /**
         * Shape of a ModuleFile.
         * @typedef {usercrash.ModuleFile.$Properties} usercrash.ModuleFile.$Shape
         */

        /**
         * Constructs a new ModuleFile.
         * @memberof usercrash
         * @classdesc Represents a ModuleFile.
         * @constructor
         * @param {usercrash.ModuleFile.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const ModuleFile = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * ModuleFile module.
         * @member {number} module
         * @memberof usercrash.ModuleFile
         * @instance
         */
        ModuleFile.prototype.module = 0;

        /**
         * ModuleFile mayBlock.
         * @member {boolean} mayBlock
         * @memberof usercrash.ModuleFile
         * @instance
         */
        ModuleFile.prototype.mayBlock = false;

        /**
         * ModuleFile onlyHere.
         * @member {boolean} onlyHere
         * @memberof usercrash.ModuleFile
         * @instance
         */
        ModuleFile.prototype.onlyHere = false;

        /**
         * ModuleFile place.
         * @member {string} place
         * @memberof usercrash.ModuleFile
         * @instance
         */
        ModuleFile.prototype.place = "";

        /**
         * Encodes the specified ModuleFile message. Does not implicitly {@link usercrash.ModuleFile.verify|verify} messages.
         * @function encode
         * @memberof usercrash.ModuleFile
         * @static
         * @param {usercrash.ModuleFile.$Properties} message ModuleFile message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        ModuleFile.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.module != null && $Object.hasOwnProperty.call(message, "module") && message.module !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.module);
            if (message.mayBlock != null && $Object.hasOwnProperty.call(message, "mayBlock") && message.mayBlock !== false)
                writer.uint32(/* id 2, wireType 0 =*/16).bool(message.mayBlock);
            if (message.onlyHere != null && $Object.hasOwnProperty.call(message, "onlyHere") && message.onlyHere !== false)
                writer.uint32(/* id 3, wireType 0 =*/24).bool(message.onlyHere);
            if (message.place != null && $Object.hasOwnProperty.call(message, "place") && message.place !== "")
                writer.uint32(/* id 4, wireType 2 =*/34).string(message.place);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a ModuleFile message from the specified reader or buffer.
         * @function decode
         * @memberof usercrash.ModuleFile
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {usercrash.ModuleFile & usercrash.ModuleFile.$Shape} ModuleFile
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        ModuleFile.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.usercrash.ModuleFile();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.module = value;
                        else
                            delete message.module;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.mayBlock = value;
                        else
                            delete message.mayBlock;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.onlyHere = value;
                        else
                            delete message.onlyHere;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.place = value;
                        else
                            delete message.place;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Gets the type url for ModuleFile
         * @function getTypeUrl
         * @memberof usercrash.ModuleFile
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        ModuleFile.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/usercrash.ModuleFile";
        };

        return ModuleFile;
    })();

    usercrash.AnalysisGranted = (function() {

        /**
         * Properties of an AnalysisGranted.
         * @typedef {Object} usercrash.AnalysisGranted.$Properties
         * @property {Array.<usercrash.ModuleFile.$Properties>|null} [files] AnalysisGranted files
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an AnalysisGranted.
         * @memberof usercrash
         * @interface IAnalysisGranted
         * @augments usercrash.AnalysisGranted.$Properties
         * @deprecated Use usercrash.AnalysisGranted.$Properties instead.
         */

        /**
         * Shape of an AnalysisGranted.
         * @typedef {usercrash.AnalysisGranted.$Properties} usercrash.AnalysisGranted.$Shape
         */

        /**
         * Constructs a new AnalysisGranted.
         * @memberof usercrash
         * @classdesc Represents an AnalysisGranted.
         * @constructor
         * @param {usercrash.AnalysisGranted.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const AnalysisGranted = function (properties) {
            this.files = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * AnalysisGranted files.
         * @member {Array.<usercrash.ModuleFile.$Properties>} files
         * @memberof usercrash.AnalysisGranted
         * @instance
         */
        AnalysisGranted.prototype.files = $util.emptyArray;

        /**
         * Encodes the specified AnalysisGranted message. Does not implicitly {@link usercrash.AnalysisGranted.verify|verify} messages.
         * @function encode
         * @memberof usercrash.AnalysisGranted
         * @static
         * @param {usercrash.AnalysisGranted.$Properties} message AnalysisGranted message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        AnalysisGranted.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.files != null && message.files.length)
                for (let i = 0; i < message.files.length; ++i)
                    $root.usercrash.ModuleFile.encode(message.files[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an AnalysisGranted message from the specified reader or buffer.
         * @function decode
         * @memberof usercrash.AnalysisGranted
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {usercrash.AnalysisGranted & usercrash.AnalysisGranted.$Shape} AnalysisGranted
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        AnalysisGranted.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.usercrash.AnalysisGranted();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if (!(message.files && message.files.length))
                            message.files = [];
                        message.files.push($root.usercrash.ModuleFile.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Gets the type url for AnalysisGranted
         * @function getTypeUrl
         * @memberof usercrash.AnalysisGranted
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        AnalysisGranted.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/usercrash.AnalysisGranted";
        };

        return AnalysisGranted;
    })();

    usercrash.AnalysisDeferred = (function() {

        /**
         * Properties of an AnalysisDeferred.
         * @typedef {Object} usercrash.AnalysisDeferred.$Properties
         * @property {number|null} [queuedBefore] AnalysisDeferred queuedBefore
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an AnalysisDeferred.
         * @memberof usercrash
         * @interface IAnalysisDeferred
         * @augments usercrash.AnalysisDeferred.$Properties
         * @deprecated Use usercrash.AnalysisDeferred.$Properties instead.
         */

        /**
         * Shape of an AnalysisDeferred.
         * @typedef {usercrash.AnalysisDeferred.$Properties} usercrash.AnalysisDeferred.$Shape
         */

        /**
         * Constructs a new AnalysisDeferred.
         * @memberof usercrash
         * @classdesc Represents an AnalysisDeferred.
         * @constructor
         * @param {usercrash.AnalysisDeferred.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const AnalysisDeferred = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * AnalysisDeferred queuedBefore.
         * @member {number} queuedBefore
         * @memberof usercrash.AnalysisDeferred
         * @instance
         */
        AnalysisDeferred.prototype.queuedBefore = 0;

        /**
         * Encodes the specified AnalysisDeferred message. Does not implicitly {@link usercrash.AnalysisDeferred.verify|verify} messages.
         * @function encode
         * @memberof usercrash.AnalysisDeferred
         * @static
         * @param {usercrash.AnalysisDeferred.$Properties} message AnalysisDeferred message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        AnalysisDeferred.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.queuedBefore != null && $Object.hasOwnProperty.call(message, "queuedBefore") && message.queuedBefore !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.queuedBefore);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an AnalysisDeferred message from the specified reader or buffer.
         * @function decode
         * @memberof usercrash.AnalysisDeferred
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {usercrash.AnalysisDeferred & usercrash.AnalysisDeferred.$Shape} AnalysisDeferred
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        AnalysisDeferred.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.usercrash.AnalysisDeferred();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.queuedBefore = value;
                        else
                            delete message.queuedBefore;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Gets the type url for AnalysisDeferred
         * @function getTypeUrl
         * @memberof usercrash.AnalysisDeferred
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        AnalysisDeferred.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/usercrash.AnalysisDeferred";
        };

        return AnalysisDeferred;
    })();

    usercrash.Completed = (function() {

        /**
         * Properties of a Completed.
         * @typedef {Object} usercrash.Completed.$Properties
         * @property {string|null} [signature] Completed signature
         * @property {string|null} [signatureHash] Completed signatureHash
         * @property {number|null} [analysisMs] Completed analysisMs
         * @property {number|null} [heldMs] Completed heldMs
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Completed.
         * @memberof usercrash
         * @interface ICompleted
         * @augments usercrash.Completed.$Properties
         * @deprecated Use usercrash.Completed.$Properties instead.
         */

        /**
         * Shape of a Completed.
         * @typedef {usercrash.Completed.$Properties} usercrash.Completed.$Shape
         */

        /**
         * Constructs a new Completed.
         * @memberof usercrash
         * @classdesc Represents a Completed.
         * @constructor
         * @param {usercrash.Completed.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Completed = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Completed signature.
         * @member {string} signature
         * @memberof usercrash.Completed
         * @instance
         */
        Completed.prototype.signature = "";

        /**
         * Completed signatureHash.
         * @member {string} signatureHash
         * @memberof usercrash.Completed
         * @instance
         */
        Completed.prototype.signatureHash = "";

        /**
         * Completed analysisMs.
         * @member {number} analysisMs
         * @memberof usercrash.Completed
         * @instance
         */
        Completed.prototype.analysisMs = 0;

        /**
         * Completed heldMs.
         * @member {number} heldMs
         * @memberof usercrash.Completed
         * @instance
         */
        Completed.prototype.heldMs = 0;

        /**
         * Encodes the specified Completed message. Does not implicitly {@link usercrash.Completed.verify|verify} messages.
         * @function encode
         * @memberof usercrash.Completed
         * @static
         * @param {usercrash.Completed.$Properties} message Completed message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Completed.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.signature != null && $Object.hasOwnProperty.call(message, "signature") && message.signature !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.signature);
            if (message.signatureHash != null && $Object.hasOwnProperty.call(message, "signatureHash") && message.signatureHash !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.signatureHash);
            if (message.analysisMs != null && $Object.hasOwnProperty.call(message, "analysisMs") && !$Object.is(message.analysisMs, 0))
                writer.uint32(/* id 3, wireType 1 =*/25).double(message.analysisMs);
            if (message.heldMs != null && $Object.hasOwnProperty.call(message, "heldMs") && !$Object.is(message.heldMs, 0))
                writer.uint32(/* id 4, wireType 1 =*/33).double(message.heldMs);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Completed message from the specified reader or buffer.
         * @function decode
         * @memberof usercrash.Completed
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {usercrash.Completed & usercrash.Completed.$Shape} Completed
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Completed.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.usercrash.Completed();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.signature = value;
                        else
                            delete message.signature;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.signatureHash = value;
                        else
                            delete message.signatureHash;
                        continue;
                    }
                case 3: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.analysisMs = value;
                        else
                            delete message.analysisMs;
                        continue;
                    }
                case 4: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.heldMs = value;
                        else
                            delete message.heldMs;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Gets the type url for Completed
         * @function getTypeUrl
         * @memberof usercrash.Completed
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        Completed.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/usercrash.Completed";
        };

        return Completed;
    })();

    usercrash.Aborted = (function() {

        /**
         * Properties of an Aborted.
         * @typedef {Object} usercrash.Aborted.$Properties
         * @property {string|null} [reason] Aborted reason
         * @property {boolean|null} [noRoom] Aborted noRoom
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an Aborted.
         * @memberof usercrash
         * @interface IAborted
         * @augments usercrash.Aborted.$Properties
         * @deprecated Use usercrash.Aborted.$Properties instead.
         */

        /**
         * Shape of an Aborted.
         * @typedef {usercrash.Aborted.$Properties} usercrash.Aborted.$Shape
         */

        /**
         * Constructs a new Aborted.
         * @memberof usercrash
         * @classdesc Represents an Aborted.
         * @constructor
         * @param {usercrash.Aborted.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Aborted = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Aborted reason.
         * @member {string} reason
         * @memberof usercrash.Aborted
         * @instance
         */
        Aborted.prototype.reason = "";

        /**
         * Aborted noRoom.
         * @member {boolean} noRoom
         * @memberof usercrash.Aborted
         * @instance
         */
        Aborted.prototype.noRoom = false;

        /**
         * Encodes the specified Aborted message. Does not implicitly {@link usercrash.Aborted.verify|verify} messages.
         * @function encode
         * @memberof usercrash.Aborted
         * @static
         * @param {usercrash.Aborted.$Properties} message Aborted message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Aborted.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.reason);
            if (message.noRoom != null && $Object.hasOwnProperty.call(message, "noRoom") && message.noRoom !== false)
                writer.uint32(/* id 2, wireType 0 =*/16).bool(message.noRoom);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an Aborted message from the specified reader or buffer.
         * @function decode
         * @memberof usercrash.Aborted
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {usercrash.Aborted & usercrash.Aborted.$Shape} Aborted
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Aborted.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.usercrash.Aborted();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.reason = value;
                        else
                            delete message.reason;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.noRoom = value;
                        else
                            delete message.noRoom;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Gets the type url for Aborted
         * @function getTypeUrl
         * @memberof usercrash.Aborted
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        Aborted.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/usercrash.Aborted";
        };

        return Aborted;
    })();

    usercrash.Refused = (function() {

        /**
         * Properties of a Refused.
         * @typedef {Object} usercrash.Refused.$Properties
         * @property {usercrash.Refused.Reason|null} [reason] Refused reason
         * @property {string|null} [detail] Refused detail
         * @property {string|null} [repeatOf] Refused repeatOf
         * @property {number|null} [notBeforeMs] Refused notBeforeMs
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Refused.
         * @memberof usercrash
         * @interface IRefused
         * @augments usercrash.Refused.$Properties
         * @deprecated Use usercrash.Refused.$Properties instead.
         */

        /**
         * Shape of a Refused.
         * @typedef {usercrash.Refused.$Properties} usercrash.Refused.$Shape
         */

        /**
         * Constructs a new Refused.
         * @memberof usercrash
         * @classdesc Represents a Refused.
         * @constructor
         * @param {usercrash.Refused.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Refused = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Refused reason.
         * @member {usercrash.Refused.Reason} reason
         * @memberof usercrash.Refused
         * @instance
         */
        Refused.prototype.reason = 0;

        /**
         * Refused detail.
         * @member {string} detail
         * @memberof usercrash.Refused
         * @instance
         */
        Refused.prototype.detail = "";

        /**
         * Refused repeatOf.
         * @member {string} repeatOf
         * @memberof usercrash.Refused
         * @instance
         */
        Refused.prototype.repeatOf = "";

        /**
         * Refused notBeforeMs.
         * @member {number} notBeforeMs
         * @memberof usercrash.Refused
         * @instance
         */
        Refused.prototype.notBeforeMs = 0;

        /**
         * Encodes the specified Refused message. Does not implicitly {@link usercrash.Refused.verify|verify} messages.
         * @function encode
         * @memberof usercrash.Refused
         * @static
         * @param {usercrash.Refused.$Properties} message Refused message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Refused.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).int32(message.reason);
            if (message.detail != null && $Object.hasOwnProperty.call(message, "detail") && message.detail !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.detail);
            if (message.repeatOf != null && $Object.hasOwnProperty.call(message, "repeatOf") && message.repeatOf !== "")
                writer.uint32(/* id 3, wireType 2 =*/26).string(message.repeatOf);
            if (message.notBeforeMs != null && $Object.hasOwnProperty.call(message, "notBeforeMs") && !$Object.is(message.notBeforeMs, 0))
                writer.uint32(/* id 4, wireType 1 =*/33).double(message.notBeforeMs);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Refused message from the specified reader or buffer.
         * @function decode
         * @memberof usercrash.Refused
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {usercrash.Refused & usercrash.Refused.$Shape} Refused
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Refused.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.usercrash.Refused();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.int32())
                            message.reason = value;
                        else
                            delete message.reason;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.detail = value;
                        else
                            delete message.detail;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.repeatOf = value;
                        else
                            delete message.repeatOf;
                        continue;
                    }
                case 4: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.notBeforeMs = value;
                        else
                            delete message.notBeforeMs;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Gets the type url for Refused
         * @function getTypeUrl
         * @memberof usercrash.Refused
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        Refused.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/usercrash.Refused";
        };

        /**
         * Reason enum.
         * @name usercrash.Refused.Reason
         * @enum {number}
         * @property {number} UNKNOWN=0 UNKNOWN value
         * @property {number} FORBIDDEN=1 FORBIDDEN value
         * @property {number} FRAME_TOO_LARGE=2 FRAME_TOO_LARGE value
         * @property {number} MALFORMED=3 MALFORMED value
         * @property {number} UNKNOWN_MESSAGE=4 UNKNOWN_MESSAGE value
         * @property {number} WRONG_STATE=5 WRONG_STATE value
         * @property {number} VERSION=6 VERSION value
         * @property {number} STOPPING=7 STOPPING value
         * @property {number} UNKNOWN_CRASH=8 UNKNOWN_CRASH value
         * @property {number} STORAGE=9 STORAGE value
         * @property {number} TIMEOUT=10 TIMEOUT value
         * @property {number} REPEAT=11 REPEAT value
         * @property {number} BUSY=12 BUSY value
         * @property {number} NO_ROOM=13 NO_ROOM value
         * @property {number} EXCLUDED=14 EXCLUDED value
         */
        Refused.Reason = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "UNKNOWN"] = 0;
            values[valuesById[1] = "FORBIDDEN"] = 1;
            values[valuesById[2] = "FRAME_TOO_LARGE"] = 2;
            values[valuesById[3] = "MALFORMED"] = 3;
            values[valuesById[4] = "UNKNOWN_MESSAGE"] = 4;
            values[valuesById[5] = "WRONG_STATE"] = 5;
            values[valuesById[6] = "VERSION"] = 6;
            values[valuesById[7] = "STOPPING"] = 7;
            values[valuesById[8] = "UNKNOWN_CRASH"] = 8;
            values[valuesById[9] = "STORAGE"] = 9;
            values[valuesById[10] = "TIMEOUT"] = 10;
            values[valuesById[11] = "REPEAT"] = 11;
            values[valuesById[12] = "BUSY"] = 12;
            values[valuesById[13] = "NO_ROOM"] = 13;
            values[valuesById[14] = "EXCLUDED"] = 14;
            return values;
        })();

        return Refused;
    })();

    usercrash.ResumeAnalysis = (function() {

        /**
         * Properties of a ResumeAnalysis.
         * @typedef {Object} usercrash.ResumeAnalysis.$Properties
         * @property {string|null} [crashId] ResumeAnalysis crashId
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a ResumeAnalysis.
         * @memberof usercrash
         * @interface IResumeAnalysis
         * @augments usercrash.ResumeAnalysis.$Properties
         * @deprecated Use usercrash.ResumeAnalysis.$Properties instead.
         */

        /**
         * Shape of a ResumeAnalysis.
         * @typedef {usercrash.ResumeAnalysis.$Properties} usercrash.ResumeAnalysis.$Shape
         */

        /**
         * Constructs a new ResumeAnalysis.
         * @memberof usercrash
         * @classdesc Represents a ResumeAnalysis.
         * @constructor
         * @param {usercrash.ResumeAnalysis.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const ResumeAnalysis = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * ResumeAnalysis crashId.
         * @member {string} crashId
         * @memberof usercrash.ResumeAnalysis
         * @instance
         */
        ResumeAnalysis.prototype.crashId = "";

        /**
         * Encodes the specified ResumeAnalysis message. Does not implicitly {@link usercrash.ResumeAnalysis.verify|verify} messages.
         * @function encode
         * @memberof usercrash.ResumeAnalysis
         * @static
         * @param {usercrash.ResumeAnalysis.$Properties} message ResumeAnalysis message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        ResumeAnalysis.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.crashId != null && $Object.hasOwnProperty.call(message, "crashId") && message.crashId !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.crashId);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a ResumeAnalysis message from the specified reader or buffer.
         * @function decode
         * @memberof usercrash.ResumeAnalysis
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {usercrash.ResumeAnalysis & usercrash.ResumeAnalysis.$Shape} ResumeAnalysis
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        ResumeAnalysis.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.usercrash.ResumeAnalysis();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.crashId = value;
                        else
                            delete message.crashId;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Gets the type url for ResumeAnalysis
         * @function getTypeUrl
         * @memberof usercrash.ResumeAnalysis
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        ResumeAnalysis.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/usercrash.ResumeAnalysis";
        };

        return ResumeAnalysis;
    })();

    usercrash.Published = (function() {

        /**
         * Properties of a Published.
         * @typedef {Object} usercrash.Published.$Properties
         * @property {number|null} [slot] Published slot
         * @property {string|null} [textPath] Published textPath
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Published.
         * @memberof usercrash
         * @interface IPublished
         * @augments usercrash.Published.$Properties
         * @deprecated Use usercrash.Published.$Properties instead.
         */

        /**
         * Shape of a Published.
         * @typedef {usercrash.Published.$Properties} usercrash.Published.$Shape
         */

        /**
         * Constructs a new Published.
         * @memberof usercrash
         * @classdesc Represents a Published.
         * @constructor
         * @param {usercrash.Published.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Published = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Published slot.
         * @member {number} slot
         * @memberof usercrash.Published
         * @instance
         */
        Published.prototype.slot = 0;

        /**
         * Published textPath.
         * @member {string} textPath
         * @memberof usercrash.Published
         * @instance
         */
        Published.prototype.textPath = "";

        /**
         * Encodes the specified Published message. Does not implicitly {@link usercrash.Published.verify|verify} messages.
         * @function encode
         * @memberof usercrash.Published
         * @static
         * @param {usercrash.Published.$Properties} message Published message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Published.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.slot != null && $Object.hasOwnProperty.call(message, "slot") && message.slot !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.slot);
            if (message.textPath != null && $Object.hasOwnProperty.call(message, "textPath") && message.textPath !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.textPath);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Published message from the specified reader or buffer.
         * @function decode
         * @memberof usercrash.Published
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {usercrash.Published & usercrash.Published.$Shape} Published
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Published.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.usercrash.Published();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.slot = value;
                        else
                            delete message.slot;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.textPath = value;
                        else
                            delete message.textPath;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Gets the type url for Published
         * @function getTypeUrl
         * @memberof usercrash.Published
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        Published.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/usercrash.Published";
        };

        return Published;
    })();

    usercrash.Repeats = (function() {

        /**
         * Properties of a Repeats.
         * @typedef {Object} usercrash.Repeats.$Properties
         * @property {Array.<usercrash.CrashEvent.$Properties>|null} [crashes] Repeats crashes
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Repeats.
         * @memberof usercrash
         * @interface IRepeats
         * @augments usercrash.Repeats.$Properties
         * @deprecated Use usercrash.Repeats.$Properties instead.
         */

        /**
         * Shape of a Repeats.
         * @typedef {usercrash.Repeats.$Properties} usercrash.Repeats.$Shape
         */

        /**
         * Constructs a new Repeats.
         * @memberof usercrash
         * @classdesc Represents a Repeats.
         * @constructor
         * @param {usercrash.Repeats.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Repeats = function (properties) {
            this.crashes = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Repeats crashes.
         * @member {Array.<usercrash.CrashEvent.$Properties>} crashes
         * @memberof usercrash.Repeats
         * @instance
         */
        Repeats.prototype.crashes = $util.emptyArray;

        /**
         * Encodes the specified Repeats message. Does not implicitly {@link usercrash.Repeats.verify|verify} messages.
         * @function encode
         * @memberof usercrash.Repeats
         * @static
         * @param {usercrash.Repeats.$Properties} message Repeats message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Repeats.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.crashes != null && message.crashes.length)
                for (let i = 0; i < message.crashes.length; ++i)
                    $root.usercrash.CrashEvent.encode(message.crashes[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Repeats message from the specified reader or buffer.
         * @function decode
         * @memberof usercrash.Repeats
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {usercrash.Repeats & usercrash.Repeats.$Shape} Repeats
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Repeats.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.usercrash.Repeats();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if (!(message.crashes && message.crashes.length))
                            message.crashes = [];
                        message.crashes.push($root.usercrash.CrashEvent.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Gets the type url for Repeats
         * @function getTypeUrl
         * @memberof usercrash.Repeats
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        Repeats.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/usercrash.Repeats";
        };

        return Repeats;
    })();

    usercrash.Counted = (function() {

        /**
         * Properties of a Counted.
         * @typedef {Object} usercrash.Counted.$Properties
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Counted.
         * @memberof usercrash
         * @interface ICounted
         * @augments usercrash.Counted.$Properties
         * @deprecated Use usercrash.Counted.$Properties instead.
         */

        /**
         * Shape of a Counted.
         * @typedef {usercrash.Counted.$Properties} usercrash.Counted.$Shape
         */

        /**
         * Constructs a new Counted.
         * @memberof usercrash
         * @classdesc Represents a Counted.
         * @constructor
         * @param {usercrash.Counted.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Counted = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Encodes the specified Counted message. Does not implicitly {@link usercrash.Counted.verify|verify} messages.
         * @function encode
         * @memberof usercrash.Counted
         * @static
         * @param {usercrash.Counted.$Properties} message Counted message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Counted.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Counted message from the specified reader or buffer.
         * @function decode
         * @memberof usercrash.Counted
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {usercrash.Counted & usercrash.Counted.$Shape} Counted
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Counted.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.usercrash.Counted();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                reader.skipType(tag & 7, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Gets the type url for Counted
         * @function getTypeUrl
         * @memberof usercrash.Counted
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        Counted.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/usercrash.Counted";
        };

        return Counted;
    })();

    return usercrash;
})();

export {
  $root as default
};
